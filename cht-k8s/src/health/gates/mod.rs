//! Whether an instance serves, which a pod that runs does not tell: its services are asked.

mod answers;
mod api;
mod asker;
mod asking;
mod couchdb;
mod haproxy;
mod question;

pub use answers::Unchecked;

pub(crate) use answers::{Answers, Demand};
pub(crate) use asker::{Asker, Heard};
pub(crate) use asking::Services;

pub(super) use answers::Standing;
#[cfg(test)]
pub(super) use answers::{Hurdle, Verdict};
pub(super) use question::{Question, answers_early, behind, is_together};

#[cfg(test)]
mod tests;
