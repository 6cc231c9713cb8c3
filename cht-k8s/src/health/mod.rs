//! Whether an instance is well, and if not, why: one pure function over what the watches know.

mod assess;
mod claim;
mod evidence;
pub(crate) mod job;
mod pod;
mod problem;
mod rollout;
#[cfg(test)]
pub(crate) mod testing;
mod view;

pub use assess::{ComponentHealth, Health, Waiting};
pub use evidence::{Evidence, LogTail};
pub use problem::{Problem, ProblemCode};

pub(crate) use assess::{Expected, assess};
pub(crate) use claim::{is_settled as claim_is_settled, problem as claim_problem};
pub(crate) use evidence::gather;
pub(crate) use view::View;
