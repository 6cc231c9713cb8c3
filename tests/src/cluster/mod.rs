//! The cluster that cluster tests run on, and namespaces there that last as long as a test.

mod cleanup;
mod connection;
mod namespace;

pub use connection::{KUBECONFIG_VARIABLE, TestCluster};

/// The label that names the namespace of the test which an object outside any namespace belongs to.
pub const OWNER_LABEL: &str = "cht.test/namespace";
