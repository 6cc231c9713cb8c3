//! Values of 4.x, and what comes of them.

use std::fmt::Write;

use cht_model::{Layer, MigrateError, Migration, NoReferences, migrate};

/// One node on k3s.
pub(crate) const K3S: &str = "\
# Our county.
project_name: county
namespace: county   # where it lives
chtversion: 4.22.0
cht_image_tag: '4.22.0'
cluster_type: k3s-k3d

upgrade_service:
  # The newest that there is.
  tag: 0.32

couchdb:
  user: medic
  password: canary-password # nobody else knows
  secret: canary-secret
  uuid: canary-uuid
  clusteredCouch_enabled: \"false\"  # one is enough
  couchdb_node_storage_size: 10Gi

nodes:
  node-1: gamma-cht-node-1

couchdb_data:
  preExistingDataAvailable: 'false'

local_storage:
  preExistingDiskPath-1: /var/lib/couchdb1
  preExistingDiskPath-2: /var/lib/couchdb2

ingress:
  host: county.example.org
";

/// A cluster of two on k3s.
pub(crate) const K3S_CLUSTER: &str = "\
namespace: county
chtversion: 4.22.0
cluster_type: k3s-k3d
couchdb:
  clusteredCouch_enabled: true
  couchdb_node_storage_size: 10Gi
clusteredCouch:
  noOfCouchDBNodes: 2
nodes: {node-1: one, node-2: two}
local_storage: {preExistingDiskPath-1: /var/lib/couchdb1}
ingress:
  host: county.example.org
";

/// A cluster of two on EKS, with data that was there before.
pub(crate) const EKS: &str = "\
namespace: county
chtversion: 4.22.0
cluster_type: eks
cert_source: specify-file-path
couchdb:
  clusteredCouch_enabled: true
  couchdb_node_storage_size: 100Gi
clusteredCouch:
  noOfCouchDBNodes: 2
couchdb_data:
  preExistingDataAvailable: true
ebs:
  preExistingEBSVolumeID-1: vol-01
  preExistingEBSVolumeID-2: vol-02
ingress:
  host: county.example.org
  annotations:
    groupname: shared
";

pub(crate) fn try_to(old: &str, to: &str) -> Result<Migration, MigrateError> {
    let to = to.parse().expect("a target");
    migrate(&Layer::new("old.yaml", old), &to, "new.yaml", &NoReferences)
}

#[track_caller]
pub(crate) fn migrated(old: &str, to: &str) -> Migration {
    try_to(old, to).unwrap_or_else(|error| panic!("{error}\n{old}"))
}

/// The new text, then each change and problem.
pub(crate) fn shown(migration: &Migration) -> String {
    let mut out = format!("{}---\n", migration.text);
    for change in &migration.changes {
        let old = change.old_line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        writeln!(out, "{old} to {}: {change}: {}", change.new_line, change.why).expect("text");
    }
    for problem in &migration.problems {
        writeln!(out, "{}: {problem}", problem.severity().as_str()).expect("text");
    }
    out
}
