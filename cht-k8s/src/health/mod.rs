//! Whether an instance is well, and if not, why: one pure function over what the watches know.

mod assess;
mod claim;
mod evidence;
mod expected;
mod gates;
pub(crate) mod job;
mod pod;
mod problem;
mod rollout;
#[cfg(test)]
pub(crate) mod testing;
mod view;

pub use assess::{Blocker, ComponentHealth, Health, Waiting};
pub use claim::{ClaimHealth, ClaimState};
pub use evidence::{Evidence, LogTail};
pub use gates::Unchecked;
pub use problem::{Problem, ProblemCode};

pub(crate) use assess::assess;
pub(crate) use claim::{is_settled as claim_is_settled, problem as claim_problem};
pub(crate) use evidence::gather;
pub(crate) use expected::Expected;
pub(crate) use gates::{Asker, Demand, Heard, Services};
pub(crate) use view::{View, happened, last_seen};
