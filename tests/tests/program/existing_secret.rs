//! A Secret that someone else manages: used, checked, and never changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cht_manifests::{Kind, ObjectKey};
use cht_tests::canary::Canaries;
use cht_tests::program::Cht;
use serde_json::{Map, Value, json};

use crate::support::{
    NAMESPACE, clinic, deploy, deployed_clinic, objects, snapshot, status, uninstall, version, with_sandbox,
};

const EXISTING: &str = "--set couchdb.existing_secret=clinic-credentials";
const PASSWORD: &str = "Canary %+&";

fn given() -> [(&'static str, &'static str); 5] {
    [
        ("COUCHDB_USER", "jane"),
        ("COUCHDB_PASSWORD", PASSWORD),
        ("COUCHDB_SECRET", "Kanari-secret"),
        ("COUCHDB_UUID", "canarino-uuid"),
        ("COUCH_URL", "http://jane:Canary%20%25%2B%26@haproxy.clinic.svc.cluster.local:5984/medic"),
    ]
}

/// Makes the Secret, as another tool would.
fn provide(cht: &Cht, entries: &[(&str, &str)]) {
    let data: Map<_, _> = entries.iter().map(|(key, text)| ((*key).to_owned(), STANDARD.encode(text).into())).collect();
    let metadata = json!({ "name": "clinic-credentials", "namespace": NAMESPACE });
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    with_sandbox(cht, |sandbox| {
        sandbox.apply_as("kubectl", namespace).expect("a namespace");
        sandbox.apply_as("external-secrets", secret).expect("a Secret");
    });
}

/// The command, with a sandbox that holds this Secret.
fn provided(entries: &[(&str, &str)]) -> Cht {
    let cht = clinic();
    let _ = cht.run("diff --sandbox -f values.yaml").expect(3);
    provide(&cht, entries);
    cht
}

fn secret(cht: &Cht) -> Value {
    let secrets = objects(cht, "Secret");
    let [secret] = &secrets[..] else { panic!("not one Secret: {}", secrets.len()) };
    assert_eq!(secret["metadata"]["name"], "clinic-credentials");
    secret.clone()
}

#[test]
fn it_is_used_from_the_first_deploy_to_the_deletion_of_the_data() {
    let cht = provided(&given());
    let canaries = Canaries::of(&[PASSWORD, "Kanari-secret", "canarino-uuid"]);
    let before = secret(&cht);
    for (command, code) in [
        (format!("diff --sandbox -f values.yaml {EXISTING}"), 3),
        (format!("deploy --sandbox -f values.yaml {EXISTING} -o json"), 0),
        (format!("diff --sandbox -f values.yaml {EXISTING}"), 0),
        (format!("deploy --sandbox -f values.yaml {EXISTING} -o ndjson"), 0),
        (format!("status --sandbox -f values.yaml {EXISTING}"), 0),
        (format!("status --sandbox -f values.yaml {EXISTING} --drift"), 0),
        (format!("history --sandbox -f values.yaml {EXISTING} 1 -o json"), 0),
        (format!("uninstall --sandbox -f values.yaml {EXISTING} --yes"), 0),
        (format!("deploy --sandbox -f values.yaml {EXISTING}"), 0),
        (format!("uninstall --sandbox -f values.yaml {EXISTING} --yes --delete-data clinic"), 0),
    ] {
        let ran = canaries.assert_unseen(cht.run(&command)).expect(code);
        if command.starts_with("uninstall") {
            assert!(format!("{ran}").contains("Secret/clinic-credentials"), "{ran}");
        }
        assert_eq!(secret(&cht), before, "{command}");
    }
}

#[test]
fn what_is_missing_or_wrong_in_it_is_said_before_anything_is_written() {
    let cht = provided(&[("COUCHDB_USER", "jane"), ("COUCHDB_PASSWORD", "Canary/1"), ("COUCHDB_UUID", "")]);
    let before = version(&cht);
    let refused = Canaries::of(&["Canary/1"]).assert_unseen(deploy(&cht, EXISTING)).expect(4);
    assert_eq!(version(&cht), before);
    snapshot("existing_secret_refused", &refused.stderr);
    let _ = deploy(&cht, &format!("{EXISTING} -o json")).expect(4);
    let _ = cht.run(&format!("diff --sandbox -f values.yaml {EXISTING}")).expect(4);
    assert_eq!(version(&cht), before);
}

#[test]
fn it_has_what_the_values_may_not_have_as_well() {
    let more = "--set couchdb.password=Canary --set couchdb.user=jane";
    let refused = Canaries::of(&["Canary"]).assert_unseen(deploy(&clinic(), &format!("{EXISTING} {more}"))).expect(2);
    snapshot("existing_secret_conflict", &refused.stderr);
}

#[test]
fn a_secret_with_other_credentials_is_refused_until_that_is_allowed() {
    let cht = deployed_clinic();
    provide(&cht, &given());
    let refused = deploy(&cht, EXISTING).expect(5);
    snapshot("existing_secret_other_credentials", &refused.stderr);
    let _ = deploy(&cht, &format!("{EXISTING} --allow credentials")).expect(0);
    let _ = status(&cht, EXISTING).expect(0);
    // Its own Secret is what it was, and is kept.
    let _ = uninstall(&cht, EXISTING).expect(0);
    assert_eq!(objects(&cht, "Secret").len(), 2);
    let _ = uninstall(&cht, &format!("{EXISTING} --delete-data clinic")).expect(0);
    let _ = secret(&cht);
}

#[test]
fn a_changed_password_restarts_what_reads_it() {
    let cht = provided(&given());
    let _ = deploy(&cht, EXISTING).expect(0);
    let url = "http://jane:Successor@haproxy.clinic.svc.cluster.local:5984/medic";
    let changed = given().map(|(key, text)| match key {
        "COUCHDB_PASSWORD" => (key, "Successor"),
        "COUCH_URL" => (key, url),
        _ => (key, text),
    });
    provide(&cht, &changed);
    let _ = deploy(&cht, EXISTING).expect(5);
    let pods =
        |cht: &Cht| -> Vec<Value> { objects(cht, "Pod").iter().map(|pod| pod["metadata"]["name"].clone()).collect() };
    let before = pods(&cht);
    let _ = deploy(&cht, &format!("{EXISTING} --allow credentials")).expect(0);
    let after = pods(&cht);
    assert!(!before.is_empty() && after.iter().all(|pod| !before.contains(pod)), "{before:?} {after:?}");
    let _ = deploy(&cht, EXISTING).expect(0);
}

#[test]
fn what_is_printed_leaves_it_out() {
    let rendered = clinic().run(&format!("render -o json -f values.yaml {EXISTING}")).expect(0);
    assert!(rendered.stderr.contains("note: Secret/clinic-credentials is someone else's"), "{rendered}");
    let objects = rendered.json();
    let kinds = objects.as_array().expect("an array").iter().map(|object| object["kind"].as_str());
    assert!(kinds.flatten().all(|kind| kind != Kind::Secret.as_str()));
    let text = objects.to_string();
    assert!(text.contains("clinic-credentials") && !text.contains("cht-couchdb-credentials"), "{text}");
}

#[test]
fn a_secret_on_its_way_out_is_not_built_upon() {
    let cht = provided(&given());
    let key = ObjectKey::new(Kind::Secret, NAMESPACE, "clinic-credentials");
    let finalized = |secret: &mut Value| secret["metadata"]["finalizers"] = json!(["example.org/hold"]);
    with_sandbox(&cht, |sandbox| {
        sandbox.update_as("external-secrets", &key, finalized).expect("edited");
        let live =
            futures::executor::block_on(cht_k8s::Cluster::get(sandbox, &key)).expect("an answer").expect("there");
        futures::executor::block_on(cht_k8s::Cluster::delete(sandbox, &key, live.uid())).expect("deleted");
    });
    let refused = deploy(&cht, EXISTING).expect(4);
    assert!(refused.stderr.contains("it is being deleted"), "{refused}");
}
