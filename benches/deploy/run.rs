//! One run of the program, as a whole process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cht_tests::cluster::TestCluster;
use serde_json::Value;

/// One run of the program.
pub(crate) struct Run {
    pub(crate) time: Duration,
    pub(crate) requests: u64,
}

/// Deploys values with one more setting.
pub(crate) fn deploy(cluster: &TestCluster, program: &Path, values: &Path, set: &str) -> Run {
    let started = Instant::now();
    let output = Command::new(program)
        .args(["deploy", "-q", "-o", "json", "--set", set, "-f"])
        .arg(values)
        .arg("--kubeconfig")
        .arg(cluster.kubeconfig())
        .output()
        .expect("the program starts");
    let time = started.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("a result");
    Run { time, requests: result["requests"].as_u64().expect("a number of requests") }
}

/// A file with the values of an instance of so many CouchDB nodes.
pub(crate) fn values(namespace: &str, nodes: usize, class: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("{namespace}.yaml"));
    let text = format!(
        "project_name: bench\nnamespace: {namespace}\nchtversion: 5.3.0\ncluster_type: k3s-k3d\n\
         couchdb:\n  password: bench\n  secret: bench\n  uuid: bench\n  storage_class: {class}\n\
         \x20 couchdb_node_storage_size: 1Gi\n  clusteredCouchEnabled: {}\n\
         clusteredCouch:\n  noOfCouchDBNodes: {nodes}\ningress:\n  host: {namespace}.example.org\n",
        nodes > 1
    );
    std::fs::write(&path, text).expect("the folder for temporary files can be written");
    path
}
