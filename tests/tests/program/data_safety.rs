//! What would lose data is refused with exit code 5, and done only when it is allowed by name.

use cht_tests::program::{Cht, Ran};

use crate::support::{VALUES, clinic, deploy, deployed_clinic, snapshot, state, status, version};

const GKE: &str = "\
namespace: clinic
chtversion: 5.3.0
cluster_type: gke
couchdb:
  couchdb_node_storage_size: 10Gi
  storage_class: standard-rwo
  persistent_disk:
    diskName: disk-1
    size: 10Gi
ingress:
  host: cht.example.org
";

const THREE_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=3";
const TWO_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=2";

/// The command, and these values deployed in the sandbox.
fn deployed(values: &str, more: &str) -> Cht {
    let cht = Cht::new();
    cht.write("values.yaml", values);
    let _ = deploy(&cht, more).expect(0);
    cht
}

/// The deploy is refused, and has changed nothing.
#[track_caller]
fn refused(cht: &Cht, more: &str) -> Ran {
    let before = (version(cht), state(cht)["objects"].clone());
    let ran = deploy(cht, more).expect(5);
    assert_eq!(ran.stdout, "");
    assert!((version(cht), state(cht)["objects"].clone()) == before, "nothing was changed");
    ran
}

/// The deploy is refused, until the rule is allowed; then it is done, and asks no more.
#[track_caller]
fn refused_until_allowed(cht: &Cht, more: &str, rule: &str) -> Ran {
    let ran = refused(cht, more);
    assert!(ran.stderr.contains(&format!("[{rule}]\n")), "{ran}");
    assert!(ran.stderr.ends_with(&format!("add --allow {rule}\n")), "{ran}");
    let rules = ["topology", "fewer-nodes", "data-path", "volume", "claim-size", "credentials"];
    let others: Vec<_> = rules.into_iter().filter(|other| *other != rule).collect();
    let others_allowed = format!("{more} --allow {}", others.join(" --allow "));
    assert_eq!(refused(cht, &others_allowed), ran, "other rules lift nothing");
    let _ = deploy(cht, &format!("{more} --allow {rule}")).expect(0);
    let _ = status(cht, more).expect(0);
    ran
}

/// The deploy is refused, whatever is allowed.
#[track_caller]
fn refused_always(cht: &Cht, more: &str, rule: &str) -> Ran {
    let ran = refused(cht, more);
    assert!(ran.stderr.contains(&format!("[{rule}]\n")), "{ran}");
    assert!(!ran.stderr.contains("--allow"), "{ran}");
    assert_eq!(refused(cht, &format!("{more} --allow {rule}")), ran);
    ran
}

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
