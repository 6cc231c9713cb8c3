//! `cht status --drift` shows what is not as the newest revision has left it.

use cht_k8s::sandbox::Fault;
use cht_manifests::{Kind, ObjectKey};
use cht_tests::program::{Cht, Ran};
use serde_json::{Value, json};

use crate::support::{NAMESPACE, clinic, deploy, deployed_clinic, let_fail, snapshot, status, version, with_sandbox};

/// Looks for drift, and changes nothing.
fn drift(cht: &Cht, more: &str) -> Ran {
    let before = version(cht);
    let ran = status(cht, &format!("--drift {more}"));
    assert_eq!(version(cht), before, "nothing was changed");
    ran
}

fn edit(cht: &Cht, manager: &str, kind: Kind, name: &str, edit: impl FnOnce(&mut Value)) {
    let key = ObjectKey::new(kind, NAMESPACE, name);
    with_sandbox(cht, |sandbox| sandbox.update_as(manager, &key, edit)).expect("the object can be edited");
}

/// Edits and removes objects, as people do in a hurry.
fn meddle(cht: &Cht) {
    edit(cht, "kubectl-edit", Kind::Deployment, "cht-api", |api| api["spec"]["replicas"] = json!(0));
    edit(cht, "argocd-controller", Kind::ConfigMap, "couchdb-servers-configmap", |servers| {
        servers["data"]["COUCHDB_SERVERS"] = "elsewhere".into();
    });
    edit(cht, "kubectl-edit", Kind::Secret, "cht-couchdb-credentials", |secret| {
        secret["data"]["COUCHDB_PASSWORD"] = "Y2FuYXJ5LTI=".into();
    });
    let mut state = crate::support::state(cht);
    let objects = state["objects"].as_array_mut().expect("a list");
    objects.retain(|object| (&object["kind"], &object["metadata"]["name"]) != (&"Service".into(), &"haproxy".into()));
    cht.write("cht-sandbox.json", state.to_string());
}

#[test]
fn what_was_deployed_has_not_drifted() {
    let cht = deployed_clinic();
    snapshot("drift_none", &drift(&cht, "").expect(0));
    // The values do not matter: it is the record that is compared.
    assert_eq!(drift(&cht, "--set cht_image_tag=5.3.1").expect(0), drift(&cht, "").expect(0));
    let json = drift(&cht, "-o json").expect(0).json();
    assert_eq!(
        json,
        json!({
            "exit_code": 0, "outcome": "as-recorded", "revision": 1, "compared": json["compared"], "drift": [],
            "notes": [],
        })
    );
}

#[test]
fn what_others_did_is_drift() {
    let cht = deployed_clinic();
    meddle(&cht);
    snapshot("drift", &drift(&cht, "").expect(11));
    let ran = drift(&cht, "-o json").expect(11);
    assert_eq!((&ran.json()["exit_code"], ran.stderr.as_str()), (&11.into(), ""));
    snapshot("drift_json", &ran.stdout);
}

#[test]
fn a_deploy_and_a_rollback_put_it_right() {
    let cht = deployed_clinic();
    let _ = deploy(&cht, "--set cht_image_tag=5.3.1").expect(0);
    let _ = cht.run("rollback --yes -q --sandbox -f values.yaml").expect(0);
    let _ = drift(&cht, "").expect(0);
    edit(&cht, "kubectl-edit", Kind::Deployment, "cht-api", |api| api["spec"]["replicas"] = json!(0));
    let _ = drift(&cht, "").expect(11);
    let _ = cht.run("rollback 3 --yes -q --sandbox -f values.yaml").expect(0);
    let _ = drift(&cht, "").expect(0);
    edit(&cht, "kubectl-edit", Kind::Deployment, "cht-api", |api| api["spec"]["replicas"] = json!(0));
    let _ = deploy(&cht, "").expect(0);
    let _ = drift(&cht, "").expect(0);
}

#[test]
fn a_run_that_failed_is_named() {
    let cht = deployed_clinic();
    let log = String::new();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log }]);
    let _ = deploy(&cht, "--set cht_image_tag=5.3.1").expect(8);
    let ran = drift(&cht, "").expect(11);
    let note = "note: revision 2 (deploy) came later, and is failed (api: crash-loop): what it did shows as drift\n";
    assert_eq!(ran.stderr, note);
}

#[test]
fn without_a_record_there_is_nothing_to_compare_with() {
    let cht = clinic();
    let mut text = status(&cht, "--drift").expect(4).to_string();
    let _ = deploy(&cht, "").expect(0);
    with_sandbox(&cht, |sandbox| {
        let key = ObjectKey::new(Kind::ConfigMap, NAMESPACE, "cht.clinic.r1");
        futures::executor::block_on(async {
            use cht_k8s::Cluster as _;
            let record = sandbox.get(&key).await.expect("an answer").expect("the record");
            sandbox.delete(&key, record.uid()).await.expect("an answer");
        });
    });
    text += &drift(&cht, "").expect(4).to_string();
    text += &status(&cht, "--drift --watch").expect(2).to_string();
    snapshot("drift_refused", &text);
    let json = drift(&cht, "-o json").expect(4).json();
    assert_eq!(json["outcome"], "refused");
    // The next deploy records anew.
    let _ = deploy(&cht, "--set cht_image_tag=5.3.1").expect(0);
    let _ = drift(&cht, "").expect(0);
}
