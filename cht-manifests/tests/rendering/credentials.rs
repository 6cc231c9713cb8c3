//! Credentials that are known, that are missing, and that change.

use std::collections::BTreeMap;

use cht_manifests::manifests;
use cht_model::Instance;
use serde_json::Value;

use crate::cases::{Case, Data, Nodes, On, Version};

fn case(nodes: Nodes) -> Case {
    Case { version: Version::V4, on: On::Eks, nodes, data: Data::New }
}

fn secret(instance: &Instance) -> Vec<String> {
    let manifests = manifests(instance);
    let secret = manifests.iter().map(|manifest| manifest.object.to_value()).find(|object| object["kind"] == "Secret");
    secret.expect("a Secret")["data"].as_object().expect("data").keys().cloned().collect()
}

/// The annotations of each Deployment's pods.
fn annotations(instance: &Instance) -> BTreeMap<String, Value> {
    manifests(instance)
        .iter()
        .map(|manifest| manifest.object.to_value())
        .filter(|object| object["kind"] == "Deployment")
        .map(|object| {
            let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
            (name, object["spec"]["template"]["metadata"]["annotations"].clone())
        })
        .collect()
}

/// The Deployments whose pods are annotated otherwise.
fn changed(before: &Instance, after: &Instance) -> Vec<String> {
    let (before, after) = (annotations(before), annotations(after));
    after.into_iter().filter(|(name, value)| before.get(name) != Some(value)).map(|(name, _)| name).collect()
}

#[test]
fn what_the_values_leave_out_is_not_in_the_secret() {
    let none = case(Nodes::One).instance_with(&["couchdb.password=", "couchdb.secret=", "couchdb.uuid="]);
    assert_eq!(secret(&none), ["COUCHDB_USER"]);
    let no_uuid = case(Nodes::One).instance_with(&["couchdb.uuid="]);
    assert_eq!(secret(&no_uuid), ["COUCHDB_PASSWORD", "COUCHDB_SECRET", "COUCHDB_USER", "COUCH_URL"]);
    let completed = none.with_credentials(|key| format!("generated-{}", key.secret_key()).into());
    assert_eq!(secret(&completed), ["COUCHDB_PASSWORD", "COUCHDB_SECRET", "COUCHDB_USER", "COUCHDB_UUID", "COUCH_URL"]);
}

#[test]
fn pods_have_checksums_of_what_they_read() {
    let names = |instance: &Instance| -> BTreeMap<_, Vec<_>> {
        let keys = |value: Value| value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
        annotations(instance).into_iter().map(|(name, value)| (name, keys(value))).collect()
    };
    insta::assert_yaml_snapshot!(BTreeMap::from([
        ("one node", names(&case(Nodes::One).instance())),
        ("three nodes", names(&case(Nodes::Three).instance())),
        ("three nodes, no uuid yet", names(&case(Nodes::Three).instance_with(&["couchdb.uuid="]))),
    ]));
}

#[test]
fn a_changed_password_restarts_the_pods_that_read_it() {
    let case = case(Nodes::One);
    assert_eq!(
        changed(&case.instance(), &case.instance_with(&["couchdb.password=other"])),
        ["cht-api", "cht-couchdb", "cht-haproxy", "cht-haproxy-healthcheck", "cht-sentinel"]
    );
}

#[test]
fn a_changed_number_of_nodes_restarts_the_pods_that_know_it() {
    let case = case(Nodes::Three);
    assert_eq!(
        changed(&case.instance(), &case.instance_with(&["clusteredCouch.noOfCouchDBNodes=2"])),
        ["cht-couchdb-1", "cht-couchdb-2", "cht-haproxy", "cht-haproxy-healthcheck"]
    );
}

#[test]
fn the_checksum_cannot_be_computed_without_the_secret() {
    let case = case(Nodes::One);
    let with = |secret: &str| case.instance_with(&[&format!("couchdb.secret={secret}")]);
    let checksum = |instance: &Instance| annotations(instance)["cht-api"]["checksum/cht-couchdb-credentials"].clone();
    assert!(checksum(&with("one")).is_string());
    assert_ne!(checksum(&with("one")), checksum(&with("two")));
}
