//! The cluster that cluster tests run on, and namespaces there that last as long as a test.

mod cleanup;
mod connection;
mod listed;
mod namespace;
mod settled;

pub use connection::{KUBECONFIG_VARIABLE, NODE_VARIABLE, TestCluster};
pub use listed::listed;
pub use settled::settled;

/// The label that names the namespace of the test which an object outside any namespace belongs to.
pub const OWNER_LABEL: &str = "cht.test/namespace";
