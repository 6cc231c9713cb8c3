//! What every implementation of [`Cluster`](cht_k8s::Cluster) must do, as cases that run against the sandbox and against a real
//! API server. Where the two disagree, the sandbox is wrong.
//!
//! A case is an async function over a [`World`]: a cluster, a namespace of the case's own, and a [`Backstage`] for what
//! happens to a cluster besides its requests. A test program says how to set up its world, and
//! [`conformance_tests!`](crate::conformance_tests) makes a test of each case.
#![expect(clippy::missing_panics_doc, reason = "a case fails by panicking, as the test that it is")]

pub mod applying;
pub mod claims;
pub mod creating;
pub mod deleting;
pub mod dry_run;
pub mod immutable;
pub mod lists;
pub mod logs;
pub mod namespaces;
pub mod ownership;
pub mod reading;
pub mod replacing;
pub mod reviews;
pub mod rollout;
pub mod scheduling;
pub mod services;
pub mod watching;

mod fields;
mod follow;
mod objects;
mod table;
mod world;

pub use world::{Backstage, World};
