//! What others own, or Kubernetes keeps as it is: exit code 6.

use cht_manifests::{Kind, ObjectKey};
use cht_tests::program::Cht;
use serde_json::json;

use crate::support::{NAMESPACE, clinic, deploy, deployed_clinic, objects, snapshot, with_sandbox};

fn api() -> ObjectKey {
    ObjectKey::new(Kind::Deployment, NAMESPACE, "cht-api")
}

/// Lets someone else stop the API, as an autoscaler or a person does.
fn stop_api(cht: &Cht, manager: &str) {
    let stopped = with_sandbox(cht, |sandbox| {
        sandbox.update_as(manager, &api(), |deployment| deployment["spec"]["replicas"] = json!(0))
    });
    stopped.expect("the Deployment can be edited");
}

fn replicas(cht: &Cht) -> i64 {
    let deployments = objects(cht, "Deployment");
    let api = deployments.iter().find(|deployment| deployment["metadata"]["name"] == "cht-api");
    api.expect("the API is deployed")["spec"]["replicas"].as_i64().expect("a number")
}

#[test]
fn a_field_of_another_manager_is_left_to_it() {
    let cht = deployed_clinic();
    stop_api(&cht, "argocd-controller");
    let ran = deploy(&cht, "").expect(6);
    assert_eq!(ran.stdout, "");
    let error = "error: Deployment/cht-api: .spec.replicas is owned by argocd-controller\nhint: nothing was changed; ";
    assert!(ran.stderr.starts_with(error), "{ran}");
    assert_eq!(replicas(&cht), 0);
    let json = deploy(&cht, "-o json").expect(6).json();
    assert_eq!((&json["exit_code"], &json["outcome"]), (&6.into(), &"refused".into()));
}

#[test]
fn a_field_of_a_person_s_tool_is_taken_over() {
    let cht = deployed_clinic();
    stop_api(&cht, "kubectl-edit");
    let ran = cht.run("deploy --sandbox -f values.yaml").expect(0);
    let note = "note: Deployment/cht-api: taken over: .spec.replicas from kubectl-edit\n";
    assert!(ran.stderr.contains(note), "{ran}");
    assert_eq!(replicas(&cht), 1);
}

#[test]
fn a_selector_of_another_tool_cannot_change() {
    let cht = clinic();
    with_sandbox(&cht, |sandbox| {
        let labels = json!({ "app": "api" });
        for object in [
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } }),
            json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": { "name": "cht-api", "namespace": NAMESPACE },
                "spec": {
                    "selector": { "matchLabels": labels },
                    "template": {
                        "metadata": { "labels": labels },
                        "spec": { "containers": [{ "name": "api", "image": "example.org/api:1" }] },
                    },
                },
            }),
        ] {
            sandbox.apply_as("helm", object).expect("the sandbox takes it");
        }
    });
    snapshot("immutable", &deploy(&cht, "").expect(6));
}
