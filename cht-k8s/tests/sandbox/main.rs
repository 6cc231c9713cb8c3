//! What the sandbox does, seen through the requests of a cluster.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod claims;
mod faults;
mod file;
mod jobs;
mod namespaces;
mod ownership;
mod requests;
mod rollout;
mod services;
mod support;
