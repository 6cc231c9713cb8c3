//! Each rule, through `cht deploy` over an instance that runs.

use super::*;
use crate::support::{clinic, deploy, deployed_clinic, snapshot};

#[test]
fn a_single_node_becomes_no_cluster() {
    snapshot("topology_to_cluster", &refused_until_allowed(&deployed_clinic(), THREE_NODES, "topology"));
}

#[test]
fn a_cluster_becomes_no_single_node() {
    snapshot("topology_to_single", &refused_until_allowed(&deployed(VALUES, THREE_NODES), "", "topology"));
}

#[test]
fn a_cluster_keeps_its_nodes() {
    let cht = deployed(VALUES, THREE_NODES);
    snapshot("fewer_nodes", &refused_until_allowed(&cht, TWO_NODES, "fewer-nodes"));
}

#[test]
fn a_cluster_may_grow() {
    let cht = deployed(VALUES, TWO_NODES);
    let _ = deploy(&cht, THREE_NODES).expect(0);
}

#[test]
fn couchdb_keeps_reading_the_same_folder() {
    let path = "--set couchdb_data.preExistingDataAvailable=true --set couchdb_data.dataPathOnDiskForCouchDB";
    let cht = deployed(GKE, &format!("{path}=storage/medic-core/couchdb/data"));
    snapshot("data_path", &refused_until_allowed(&cht, &format!("{path}=data"), "data-path"));
}

#[test]
fn the_credentials_are_those_of_the_volume() {
    let ran = refused_until_allowed(&deployed_clinic(), "--set couchdb.password=another-one", "credentials");
    snapshot("credentials", &ran);
}

#[test]
fn a_claim_does_not_shrink() {
    let ran = refused_always(&deployed_clinic(), "--set couchdb.couchdb_node_storage_size=5Gi", "claim-size");
    snapshot("claim_size", &ran);
}

#[test]
fn a_claim_grows_where_its_class_can() {
    let ran = refused_always(&deployed_clinic(), "--set couchdb.couchdb_node_storage_size=20Gi", "claim-size");
    snapshot("claim_size_of_a_class_that_cannot_grow", &ran);
    let on_a_disk = format!("{ON_DISK} --set couchdb.couchdb_node_storage_size=");
    let ran = refused_always(&deployed(VALUES, &format!("{on_a_disk}10Gi")), &format!("{on_a_disk}20Gi"), "claim-size");
    assert!(ran.stderr.contains("cannot grow to 20Gi: Kubernetes makes no disk larger that the values name"), "{ran}");
    let cht = deployed(GKE, "");
    let larger = "--set couchdb.couchdb_node_storage_size=20Gi";
    let _ = deploy(&cht, larger).expect(0);
    let claims = objects(&cht, "PersistentVolumeClaim");
    assert_eq!(claims[0]["spec"]["resources"]["requests"]["storage"], "20Gi");
    let _ = refused(&cht, "");
}

#[test]
fn a_claim_keeps_its_volume() {
    let cht = deployed(GKE, "");
    snapshot("volume", &refused_always(&cht, "--set couchdb.storage_class=local-path", "volume"));
}

#[test]
fn every_risk_is_named_and_each_allowed_by_its_own_name() {
    let cht = deployed_clinic();
    let both = "--set couchdb.password=another-one --set couchdb.couchdb_node_storage_size=5Gi";
    let ran = refused(&cht, both);
    assert!(ran.stderr.contains("[claim-size]") && ran.stderr.contains("[credentials]"), "{ran}");
    let ran = refused(&cht, &format!("{both} --allow credentials"));
    assert!(ran.stderr.contains("[claim-size]") && !ran.stderr.contains("[credentials]"), "{ran}");
}

#[test]
fn nothing_is_refused_where_there_is_no_data() {
    let _ = deploy(&clinic(), THREE_NODES).expect(0);
    let _ = deploy(&clinic(), "--set couchdb.password=another-one").expect(0);
}
