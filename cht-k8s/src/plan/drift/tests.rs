use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::plan::plan_rollback;
use crate::plan::testing::{NAMESPACE, deploys, holding, key, old_cluster, planned, single};
use crate::sandbox::{Fault, Sandbox, Verb};

fn drift_of(sandbox: &Sandbox) -> Result<Drift, DriftError> {
    block_on(drift(sandbox, &single(&["cht_image_tag=never"])))
}

/// What has drifted, and in what: `class object field: recorded live`.
fn found(sandbox: &Sandbox) -> Vec<String> {
    let version = || block_on(sandbox.list(Kind::Namespace, None)).expect("a list").resource_version;
    let before = version();
    let drift = drift_of(sandbox).expect("a comparison");
    assert_eq!(version(), before, "nothing is written");
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let line = |drifted: &DriftedObject| {
        let fields = drifted.fields.iter();
        let fields = fields.map(|field| format!(" {}: {} {}", field.field, shown(&field.recorded), shown(&field.live)));
        format!("{} {}{}", drifted.class.as_str(), drifted.object, fields.collect::<String>())
    };
    drift.drifted.iter().map(line).collect()
}

fn edit(sandbox: &Sandbox, manager: &str, kind: Kind, name: &str, edit: impl FnOnce(&mut Value)) {
    sandbox.update_as(manager, &key(kind, name), edit).expect("edited");
}

fn remove(sandbox: &Sandbox, kind: Kind, name: &str) {
    let live = block_on(sandbox.get(&key(kind, name))).expect("an answer").expect("there");
    assert!(block_on(sandbox.delete(&live.key(), live.uid())).expect("an answer"));
}

#[test]
fn what_was_deployed_has_not_drifted_and_is_only_read() {
    for instance in [single(&[]), old_cluster(&[])] {
        let sandbox = holding(instance);
        sandbox.fail(Fault::Api { verb: Verb::DryRun, kind: None, times: 1, error: ClusterError::Expired });
        assert_eq!(found(&sandbox), Vec::<String>::new());
    }
}

#[test]
fn fields_that_others_changed_are_drift_whoever_they_are() {
    for manager in ["kubectl-edit", "argocd-controller"] {
        let sandbox = holding(single(&[]));
        edit(&sandbox, manager, Kind::Deployment, "cht-api", |api| api["spec"]["replicas"] = json!(0));
        edit(&sandbox, manager, Kind::Service, "api", |service| service["spec"]["ports"][0]["targetPort"] = json!(1));
        assert_eq!(
            found(&sandbox),
            [
                r#"changed Service/api .spec.ports[port=5988,protocol="TCP"].targetPort: 5988 1"#,
                "changed Deployment/cht-api .spec.replicas: 1 0",
            ]
        );
        let drift = drift_of(&sandbox).expect("a comparison");
        let owner = FieldConflict { manager: manager.to_owned(), field: ".spec.replicas".to_owned() };
        assert_eq!(drift.drifted[1].owners, [owner]);
    }
}

#[test]
fn fields_that_others_added_are_no_drift() {
    let sandbox = holding(single(&[]));
    edit(&sandbox, "kubectl-edit", Kind::Deployment, "cht-api", |api| {
        api["metadata"]["annotations"]["example.org/seen"] = json!("1");
        api["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = json!("now");
    });
    edit(&sandbox, "kubectl-edit", Kind::Secret, "cht-couchdb-credentials", |secret| {
        secret["data"]["THEIRS"] = json!("eA==");
        secret["metadata"]["labels"]["theirs"] = json!("1");
    });
    assert_eq!(found(&sandbox), Vec::<String>::new());
    // Whose the same value is does not matter either.
    let api = block_on(sandbox.get(&key(Kind::Deployment, "cht-api"))).expect("an answer").expect("the API");
    let mine = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "cht-api", "namespace": NAMESPACE },
        "spec": { "replicas": api.value()["spec"]["replicas"] },
    });
    sandbox.apply_as("argocd-controller", mine).expect("the same is no conflict");
    assert_eq!(found(&sandbox), Vec::<String>::new());
}

#[test]
fn what_is_gone_or_going_is_drift() {
    let sandbox = holding(single(&[]));
    remove(&sandbox, Kind::Service, "haproxy");
    remove(&sandbox, Kind::PersistentVolumeClaim, "couchdb-claim0");
    assert_eq!(found(&sandbox), ["deleting PersistentVolumeClaim/couchdb-claim0", "missing Service/haproxy"]);
}

#[test]
fn secrets_are_compared_and_not_shown() {
    let sandbox = holding(single(&["couchdb.password=canary-1"]));
    edit(&sandbox, "kubectl-edit", Kind::Secret, "cht-couchdb-credentials", |secret| {
        secret["data"]["COUCHDB_PASSWORD"] = json!("Y2FuYXJ5LTI=");
        secret["metadata"]["labels"]["app.kubernetes.io/component"] = json!("other");
        secret["data"].as_object_mut().expect("data").remove("COUCH_URL");
    });
    let shown = found(&sandbox);
    let [secret] = &shown[..] else { panic!("{shown:?}") };
    assert!(secret.starts_with(
        r#"changed Secret/cht-couchdb-credentials .metadata.labels["app.kubernetes.io/component"]: "instance" "other" .data.COUCHDB_PASSWORD: "[secret "#
    ), "{secret}");
    assert_eq!(secret.matches("[secret ").count(), 3, "{secret}");
    assert!(secret.ends_with(" -"), "{secret}");
    assert!(!secret.contains("canary") && !secret.contains("Y2FuYXJ5"), "{secret}");
    let marks: Vec<_> = secret.split('"').filter(|text| text.starts_with("[secret ")).collect();
    assert_ne!(marks[0], marks[1]);

    // Under another key, every digest is another.
    edit(&sandbox, "kubectl-edit", Kind::Secret, "cht-couchdb-credentials", |secret| {
        secret["data"]["COUCHDB_SECRET"] = json!("Y2FuYXJ5LTI=");
    });
    let shown = found(&sandbox);
    assert_eq!(shown[0].matches(".data.").count(), 1, "{shown:?}");
    assert!(shown[0].contains(".data.COUCHDB_SECRET: "), "{shown:?}");
}

#[test]
fn what_the_server_would_not_put_right_is_drift_in_its_words() {
    let set = ["couchdb.storage_class=gp3"];
    let sandbox = holding(single(&set));
    edit(&sandbox, "kubectl-edit", Kind::PersistentVolumeClaim, "couchdb-claim0", |claim| {
        claim["spec"]["resources"]["requests"]["storage"] = json!("20Gi");
    });
    let drift = drift_of(&sandbox).expect("a comparison");
    let [claim] = &drift.drifted[..] else { panic!("{drift:?}") };
    assert_eq!((claim.class, claim.fields.len()), (DriftClass::Changed, 0));
    assert!(claim.message.as_ref().is_some_and(|message| message.contains("less than previous")), "{claim:?}");
}

#[test]
fn who_may_not_try_is_told_so() {
    let sandbox = holding(single(&[]));
    edit(&sandbox, "kubectl-edit", Kind::Deployment, "cht-api", |api| api["spec"]["replicas"] = json!(0));
    let error = ClusterError::Forbidden { object: "Deployment/cht-api".to_owned(), message: "no".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::DryRun, kind: Some(Kind::Deployment), times: 1, error: error.clone() });
    assert_eq!(drift_of(&sandbox), Err(DriftError::Cluster(error)));
}

#[test]
fn a_rollback_is_a_record_to_compare_with() {
    let sandbox = holding(single(&[]));
    assert!(deploys(&sandbox, planned(&sandbox, single(&["cht_image_tag=5.3.1"]))).result.is_ok());
    assert!(deploys(&sandbox, block_on(plan_rollback(&*sandbox, &single(&[]), None)).expect("a plan")).result.is_ok());
    assert_eq!(found(&sandbox), Vec::<String>::new());
    let revision = drift_of(&sandbox).expect("a comparison").revision;
    assert_eq!((revision.number, revision.action), (3, Action::Rollback { to: 1 }));
}

#[test]
fn without_a_record_there_is_nothing_to_compare_with() {
    assert!(matches!(drift_of(&Sandbox::new()), Err(DriftError::NoRecord { .. })));
}

#[test]
fn what_a_run_that_failed_has_left_is_drift_with_a_note() {
    let sandbox = holding(single(&[]));
    sandbox.fail(Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log: String::new() });
    assert!(deploys(&sandbox, planned(&sandbox, single(&["cht_image_tag=5.3.1"]))).result.is_err());
    let drift = drift_of(&sandbox).expect("a comparison");
    assert_eq!(drift.revision.number, 1);
    assert!(drift.drifted.iter().any(|drifted| drifted.object == key(Kind::Deployment, "cht-api")));
    insta::assert_snapshot!(drift.notes.join("\n"), @"revision 2 (deploy) came later, and is failed (api: crash-loop): what it did shows as drift");
}
