//! Examines a cluster and an instance: what is in the way of a deploy, and what is wrong with what was deployed.
//!
//! Looking is apart from judging: `look.rs` asks, and the categories' files are pure functions over what came of it.

mod accesses;
mod check;
mod client;
mod cluster;
mod dns;
mod examine;
mod finding;
mod fit;
mod images;
mod ingress;
mod instance;
mod look;
mod nodes;
mod outside;
mod permissions;
mod pods;
mod preflight;
mod registry;
mod report;
mod storage;
#[cfg(test)]
mod testing;
mod tls;
mod vsphere;

pub use check::{Category, Check};
pub use client::{ClientFacts, Connection, client};
pub use examine::{Examination, examine};
pub use finding::{Finding, Verdict};
pub use outside::{Names, Outside, SystemNames};

pub(crate) use preflight::preflight;
pub use report::{Report, Tally};
