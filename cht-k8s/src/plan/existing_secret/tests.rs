use std::sync::Arc;

use futures::executor::block_on;
use serde_json::{Value, json};

use super::*;
use crate::plan::testing::{NAMESPACE, classes, deploys, key, pending, planned, single};
use crate::plan::{Drift, PlanError, drift, plan, plan_rollback};
use crate::sandbox::Sandbox;
use crate::{Cluster, DataRule, Failure};
use cht_manifests::Kind;

const NAME: &str = "county-credentials";
const EXISTING: &str = "couchdb.existing_secret=county-credentials";
const GIVEN: [(&str, &str); 5] = [
    ("COUCHDB_USER", "jane"),
    ("COUCHDB_PASSWORD", "canary p%w"),
    ("COUCHDB_SECRET", "canary-secret"),
    ("COUCHDB_UUID", "canary-uuid"),
    ("COUCH_URL", "http://jane:canary%20p%25w@haproxy.county-a.svc.cluster.local:5984/medic"),
];

/// A sandbox in which someone else has put this into a Secret.
fn with_secret(entries: &[(&str, &str)]) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    sandbox.apply_as("kubectl", namespace).expect("a namespace");
    sandbox.apply_as("external-secrets", secret(NAME, entries)).expect("a Secret");
    sandbox
}

fn secret(name: &str, entries: &[(&str, &str)]) -> Value {
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    let data: BTreeMap<_, _> = entries.iter().map(|(key, text)| (*key, bytes(text))).collect();
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": NAMESPACE }, "data": data })
}

fn with<'a>(key: &str, text: &'a str) -> [(&'a str, &'a str); 5] {
    GIVEN.map(|(name, value)| (name, if name == key { text } else { value }))
}

/// Puts something else into the Secret.
fn rotate(sandbox: &Sandbox, entries: &[(&str, &str)]) {
    sandbox.apply_as("external-secrets", secret(NAME, entries)).expect("a Secret");
}

fn live(sandbox: &Sandbox, name: &str) -> Option<LiveObject> {
    block_on(sandbox.get(&key(Kind::Secret, name))).expect("an answer")
}

/// A sandbox that holds an instance with the Secret.
fn deployed() -> Arc<Sandbox> {
    let sandbox = with_secret(&GIVEN);
    deploy(&sandbox, &[EXISTING]);
    sandbox
}

fn deploy(sandbox: &Arc<Sandbox>, set: &[&str]) {
    let outcome = deploys(sandbox, planned(sandbox, single(set)));
    assert!(outcome.result.is_ok(), "{outcome:?}");
}

fn refusal(entries: &[(&str, &str)]) -> String {
    let sandbox = with_secret(entries);
    let before = block_on(sandbox.list(Kind::Secret, None)).expect("a list").resource_version;
    let Err(PlanError::UnusableSecret(refusal)) = block_on(plan(&*sandbox, single(&[EXISTING]))) else {
        panic!("not refused: {entries:?}")
    };
    assert_eq!(block_on(sandbox.list(Kind::Secret, None)).expect("a list").resource_version, before);
    let shown = format!("{refusal} {refusal:?}");
    assert!(!shown.contains("canary") && !shown.contains("jane"), "{shown}");
    refusal.to_string()
}

/// What a deploy of these values would do to data, and how it names it.
fn risks(sandbox: &Arc<Sandbox>, set: &[&str]) -> Vec<String> {
    let plan = planned(sandbox, single(set));
    assert!(plan.risks().iter().all(|risk| risk.rule == DataRule::Credentials));
    let shown: Vec<_> = plan.risks().iter().map(ToString::to_string).collect();
    assert!(!shown.iter().any(|risk| risk.contains("canary")), "{shown:?}");
    if !shown.is_empty() {
        assert!(matches!(deploys(sandbox, plan).result, Err(Failure::DataSafety(_))));
    }
    shown
}

#[test]
fn it_must_hold_all_that_pods_read() {
    let missing =
        |missing: &[&str]| -> Vec<_> { GIVEN.into_iter().filter(|(key, _)| !missing.contains(key)).collect() };
    let refusals = [
        refusal(&missing(&["COUCHDB_UUID", "COUCH_URL"])),
        refusal(&with("COUCHDB_PASSWORD", "")),
        refusal(&with("COUCHDB_PASSWORD", "canary/1")),
        refusal(&with("COUCHDB_PASSWORD", "canary\n")),
        refusal(&with("COUCHDB_USER", "jane@canary")),
        refusal(&with("COUCH_URL", "http://jane:canary p%w@haproxy.county-a.svc.cluster.local:5984/medic")),
        refusal(&with("COUCH_URL", "http://jane:canary%20p%25w@haproxy.county-b.svc.cluster.local:5984/medic")),
        refusal(&[("COUCHDB_SECRET", " canary"), ("COUCHDB_UUID", "canary\t"), ("OTHER", "canary")]),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn it_must_be_there() {
    let sandbox = Sandbox::new();
    let refused = block_on(plan(&sandbox, single(&[EXISTING]))).expect_err("no Secret");
    insta::assert_snapshot!(refused, @"Secret/county-credentials, which couchdb.existing_secret names, cannot be used: it is not there; have it made with the keys COUCHDB_USER, COUCHDB_PASSWORD, COUCHDB_SECRET, COUCHDB_UUID, COUCH_URL, then deploy again");
}

#[test]
fn it_is_used_and_left_as_it_is() {
    let sandbox = with_secret(&GIVEN);
    let before = live(&sandbox, NAME);
    deploy(&sandbox, &[EXISTING]);
    assert_eq!(live(&sandbox, NAME), before);
    assert!(live(&sandbox, "cht-couchdb-credentials").is_none());
    // A second deploy has nothing to do, and writes nothing.
    let plan = planned(&sandbox, single(&[EXISTING]));
    assert_eq!(classes(&plan), Vec::<String>::new());
    assert!(plan.is_on_record() && plan.notes().is_empty(), "{:?}", plan.notes());
    let shown = format!("{plan:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn other_credentials_than_the_volume_holds_are_refused() {
    let sandbox = deployed();
    for (key, text) in [("COUCHDB_SECRET", "other"), ("COUCHDB_UUID", "other")] {
        rotate(&sandbox, &with(key, text));
        let risks = risks(&sandbox, &[EXISTING]);
        assert!(risks.len() == 1 && risks[0].contains(&format!(": {key} in it differs")), "{risks:?}");
    }
    let url = "http://jane:new@haproxy.county-a.svc.cluster.local:5984/medic";
    let rotated = with("COUCHDB_PASSWORD", "new").map(|(key, text)| (key, if key == "COUCH_URL" { url } else { text }));
    rotate(&sandbox, &rotated);
    insta::assert_snapshot!(risks(&sandbox, &[EXISTING]).join("\n"), @"Secret/county-credentials: COUCHDB_PASSWORD in it differs from what the volume was made with: CouchDB keeps the old, and the API would be locked out; change it in CouchDB first [credentials]");
    // Every pod that reads it is restarted, and no other.
    let plan = planned(&sandbox, single(&[EXISTING]));
    let restarted: Vec<_> = pending(&plan).into_iter().map(|(object, _)| object).collect();
    insta::assert_snapshot!(restarted.join(" "), @"Deployment/cht-couchdb Deployment/cht-haproxy-healthcheck Deployment/cht-haproxy Deployment/cht-api Deployment/cht-sentinel");

    // The same holds when nothing runs that could tell.
    rotate(&sandbox, &GIVEN);
    uninstall(&sandbox);
    assert_eq!(risks(&sandbox, &[EXISTING]), Vec::<String>::new());
    rotate(&sandbox, &rotated);
    assert_eq!(risks(&sandbox, &[EXISTING]).len(), 1);
}

#[test]
fn what_else_is_in_it_and_another_way_to_write_the_address_are_no_risk() {
    let sandbox = deployed();
    rotate(&sandbox, &[&GIVEN[..], &[("OTHER", "x")]].concat());
    assert_eq!(classes(&planned(&sandbox, single(&[EXISTING]))), Vec::<String>::new());
    rotate(&sandbox, &with("COUCH_URL", "http://j%61ne:canary%20p%25w@haproxy.county-a.svc.cluster.local:5984/medic"));
    assert_eq!(risks(&sandbox, &[EXISTING]), Vec::<String>::new());
    deploy(&sandbox, &[EXISTING]);
    assert!(planned(&sandbox, single(&[EXISTING])).is_unchanged());
}

#[test]
fn another_secret_must_hold_the_same() {
    let own = ["couchdb.user=jane", "couchdb.password=canary p%w", "couchdb.secret=canary-secret"];
    let sandbox = with_secret(&GIVEN);
    // Its uuid is generated.
    deploy(&sandbox, &own);
    let risks_of_switch = risks(&sandbox, &[EXISTING]);
    assert!(risks_of_switch[0].contains(": COUCHDB_UUID in it differs"), "{risks_of_switch:?}");

    let sandbox = with_secret(&GIVEN);
    deploy(&sandbox, &[&own[..], &["couchdb.uuid=canary-uuid"]].concat());
    assert_eq!(risks(&sandbox, &[EXISTING]), Vec::<String>::new());
    deploy(&sandbox, &[EXISTING]);
    assert!(live(&sandbox, "cht-couchdb-credentials").is_some(), "it is kept, as whatever holds data together");
    // And back, with values that leave them out: a stale Secret does not count.
    deploy(&sandbox, &["couchdb.user=jane"]);
    let plan = planned(&sandbox, single(&["couchdb.user=jane"]));
    assert!(plan.is_unchanged() && plan.risks().is_empty());
}

#[test]
fn going_back_to_an_own_secret_takes_over_what_is_in_use() {
    let sandbox = deployed();
    let plan = planned(&sandbox, single(&["couchdb.user=jane"]));
    assert_eq!(plan.risks(), []);
    insta::assert_snapshot!(plan.notes().join("\n"), @"couchdb.password, couchdb.secret, couchdb.uuid not in the values: as in Secret/county-credentials, and from now on kept in Secret/cht-couchdb-credentials");
    deploy(&sandbox, &["couchdb.user=jane"]);
    let own: Secret = live(&sandbox, "cht-couchdb-credentials").expect("made").decode().expect("a Secret");
    assert_eq!(own.data.expect("data")["COUCHDB_PASSWORD"].0, b"canary p%w");

    let sandbox = deployed();
    assert_eq!(risks(&sandbox, &["couchdb.user=jane", "couchdb.password=other"]).len(), 1);
    uninstall(&sandbox);
    // Nothing tells any more where they were, so others would be made.
    assert_eq!(risks(&sandbox, &["couchdb.user=jane"]).len(), 1);
}

#[test]
fn a_secret_of_the_usual_name_may_be_someone_elses() {
    let sandbox = with_secret(&GIVEN);
    sandbox.apply_as("external-secrets", secret("cht-couchdb-credentials", &GIVEN)).expect("a Secret");
    let before = live(&sandbox, "cht-couchdb-credentials");
    let set = ["couchdb.existing_secret=cht-couchdb-credentials"];
    deploy(&sandbox, &set);
    assert_eq!(live(&sandbox, "cht-couchdb-credentials"), before);
    let rotated = secret("cht-couchdb-credentials", &with("COUCHDB_UUID", "other"));
    sandbox.apply_as("external-secrets", rotated).expect("a Secret");
    assert_eq!(risks(&sandbox, &set).len(), 1);
}

#[test]
fn it_may_drift_and_outlives_rollbacks() {
    let sandbox = deployed();
    deploy(&sandbox, &[EXISTING, "cht_image_tag=5.3.1"]);
    let back = block_on(plan_rollback(&*sandbox, &single(&[EXISTING]), None)).expect("a plan");
    assert_eq!(back.risks(), []);
    assert!(!classes(&back).iter().any(|class| class.contains("Secret")), "{:?}", classes(&back));
    let outcome = deploys(&sandbox, back);
    assert!(outcome.result.is_ok(), "{outcome:?}");
    assert!(planned(&sandbox, single(&[EXISTING])).is_unchanged());

    let found = || -> Drift { block_on(drift(&*sandbox, &single(&[EXISTING]))).expect("a record") };
    assert_eq!(found().drifted, []);
    rotate(&sandbox, &with("COUCHDB_UUID", "canary-other"));
    let drifted = found().drifted;
    assert!(matches!(&drifted[..], [one] if one.object.name == NAME), "{drifted:?}");
    assert!(!format!("{drifted:?}").contains("canary"));
}

fn uninstall(sandbox: &Arc<Sandbox>) {
    use futures::StreamExt as _;
    let shared = Arc::clone(sandbox) as Arc<dyn Cluster>;
    let events = crate::uninstall(shared, single(&[EXISTING]), crate::UninstallOptions::default());
    let events: Vec<_> = block_on(events.collect());
    assert!(matches!(events.last(), Some(crate::Event::Finished(outcome)) if outcome.result.is_ok()));
    assert!(live(sandbox, NAME).is_some());
}
