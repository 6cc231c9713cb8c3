use cht_manifests::manifests;

use super::super::safety::risks;
use super::*;
use crate::DataRule;
use crate::health::testing::instance;
use crate::plan::Wanted;

/// As 4.x has it on k3s: one node, whose data is in a folder of a machine and has no claim.
const ON_HOST: &str = "
project_name: county-a
namespace: county-a
chtversion: 4.22.0
cluster_type: k3s-k3d
environment: remote
upgrade_service: {tag: 0.32}
couchdb: {user: medic, password: p, secret: s, uuid: u, clusteredCouch_enabled: false, couchdb_node_storage_size: 10Gi}
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
couchdb_data: {preExistingDataAvailable: false}
local_storage: {preExistingDiskPath-1: /srv/couchdb1}
ingress: {host: cht.example.org}
";

/// The rules that a deploy would break when these were deployed and uninstalled.
fn broken_by(set: &[&str]) -> Vec<DataRule> {
    let recorded = manifests(&instance(ON_HOST, &[]));
    let is_kept = |object: &&Object| object.kind().holds_data();
    let kept = recorded.iter().map(|manifest| &manifest.object).filter(is_kept);
    let observed = Observed::of(kept.map(|object| LiveObject::new(object.kind(), object.to_value())));
    let wanted = Wanted::of(&instance(ON_HOST, set));
    let remembered = Remembered::of(&recorded.masked(), &wanted, &observed);
    risks(&wanted, &observed, &remembered).into_iter().map(|risk| risk.rule).collect()
}

#[test]
fn a_folder_of_a_node_is_remembered() {
    let recorded = manifests(&instance(ON_HOST, &[]));
    let claims = recorded.iter().filter(|manifest| manifest.object.kind() == Kind::PersistentVolumeClaim);
    assert_eq!(claims.count(), 0, "nothing but the record tells where the data is");
    assert_eq!(broken_by(&[]), []);
    assert_eq!(broken_by(&["local_storage.preExistingDiskPath-1=/srv/elsewhere"]), [DataRule::DataPath]);
    let cluster = ["couchdb.clusteredCouch_enabled=true", "clusteredCouch.noOfCouchDBNodes=3"];
    assert_eq!(broken_by(&cluster), [DataRule::Topology]);
}

#[test]
fn a_volume_over_the_same_folder_finds_what_is_in_it() {
    const TO_5: [&str; 2] = ["chtversion=5.3.0", "couchdb_data.preExistingDataAvailable=true"];
    assert_eq!(broken_by(&TO_5), []);
    for elsewhere in [
        "local_storage.preExistingDiskPath-1=/srv/b",
        "couchdb_data.dataPathOnDiskForCouchDB=b",
        "nodes.node-1=beta",
        "nodes.node-1=",
    ] {
        assert_eq!(broken_by(&[&TO_5[..], &[elsewhere]].concat()), [DataRule::DataPath], "{elsewhere}");
    }
}

#[test]
fn what_is_gone_with_its_claim_is_not_missed() {
    let values = ["chtversion=5.3.0"];
    let wanted = Wanted::of(&instance(ON_HOST, &values));
    let recorded = wanted.manifests.clone();
    let nothing = Observed::of([]);
    assert!(Remembered::of(&recorded, &wanted, &nothing).deployments.is_empty());
    let claim = recorded.iter().map(|manifest| &manifest.object);
    let claim = claim.filter(|object| object.kind() == Kind::PersistentVolumeClaim);
    let observed = Observed::of(claim.map(|object| LiveObject::new(object.kind(), object.to_value())));
    let remembered = Remembered::of(&recorded, &wanted, &observed);
    assert_eq!(remembered.deployments.len(), 1);
    assert!(remembered.credentials.is_some(), "the Secret is gone, and the volume holds what it held");
}
