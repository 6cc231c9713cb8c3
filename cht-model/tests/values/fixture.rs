//! Values that work, and how problems are shown in snapshots.

use std::fmt::Write;

use cht_model::{Checked, Instance, Layer, Problems, Values};

/// 5.3 on k3s, a single node.
pub(crate) const K3S: &str = "\
namespace: county
chtversion: 5.3.0
cluster_type: k3s-k3d
couchdb:
  couchdb_node_storage_size: 10Gi
";

/// 4.x on k3s, a cluster of two.
pub(crate) const K3S_V4: &str = "\
namespace: county
chtversion: 4.22.0
cluster_type: k3s-k3d
couchdb:
  clusteredCouch_enabled: true
  couchdb_node_storage_size: 10Gi
clusteredCouch:
  noOfCouchDBNodes: 2
nodes:
  node-1: one
  node-2: two
ingress:
  host: county.example.org
";

/// 5.3 on EKS, a cluster of two.
pub(crate) const EKS: &str = "\
namespace: county
chtversion: 5.3.0
cluster_type: eks
couchdb:
  clusteredCouchEnabled: true
  couchdb_node_storage_size: 10Gi
clusteredCouch:
  noOfCouchDBNodes: 2
ingress:
  host: county.example.org
  annotations:
    groupname: shared
";

/// 5.3 on GKE, a single node.
pub(crate) const GKE: &str = "\
namespace: county
chtversion: 5.3.0
cluster_type: gke
couchdb:
  couchdb_node_storage_size: 10Gi
ingress:
  host: county.example.org
";

/// Values in a file with a second one laid over it.
pub(crate) fn layers(base: &str, more: &str) -> Vec<Layer> {
    vec![Layer::new("base.yaml", base), Layer::new("more.yaml", more)]
}

pub(crate) fn check(base: &str, more: &str) -> Checked<Instance> {
    let values = Values::load(&layers(base, more)).expect("values");
    values.validate().unwrap_or_else(|invalid| panic!("{more}\n{invalid}"))
}

/// The instance that values make without a warning.
pub(crate) fn instance(base: &str, more: &str) -> Instance {
    let checked = check(base, more);
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    checked.value
}

/// Everything that validation says, whether it succeeds or not.
pub(crate) fn problems(base: &str, more: &str) -> Problems {
    match Values::load(&layers(base, more)).expect("values").validate() {
        Ok(checked) => checked.warnings,
        Err(invalid) => invalid.problems,
    }
}

/// Problems as people see them, each with its code, its line, and a mark below the stretch that it is about.
pub(crate) fn shown(problems: &Problems) -> String {
    let mut out = String::new();
    for problem in problems {
        writeln!(out, "{}: {problem}", problem.code().as_str()).expect("text");
        let position = problem.place().and_then(cht_model::Place::position);
        if let (Some(line), Some(at)) = (problem.source_line(), position) {
            writeln!(out, "  | {line}\n  | {}{}", " ".repeat(at.column - 1), "^".repeat(at.length)).expect("text");
        }
    }
    out
}
