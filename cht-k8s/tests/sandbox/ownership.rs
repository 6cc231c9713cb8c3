//! Who owns which field, and what an apply changes.

use cht_k8s::{ApplyMode, Cluster, ClusterError, FieldConflict, LiveObject};
use cht_manifests::Kind;
use futures::executor::block_on;
use serde_json::{Value, json};

use crate::support::*;

fn owners(object: &LiveObject) -> Vec<(&str, &str, &Value)> {
    let entries = object.value()["metadata"]["managedFields"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| (entry["manager"].as_str().unwrap(), entry["operation"].as_str().unwrap(), &entry["fieldsV1"]))
        .collect()
}

#[test]
fn owned_fields_are_listed_as_a_server_lists_them() {
    let sandbox = sandbox();
    let live = apply(
        &sandbox,
        &deployment_with("web", "image:1", |spec| {
            let container = &mut spec["template"]["spec"]["containers"][0];
            container["ports"] = json!([{"containerPort": 5984, "protocol": "TCP"}, {"containerPort": 81}]);
            container["env"] = json!([{"name": "A", "value": "b"}]);
        }),
    );
    let expected = json!({"f:spec": {
        "f:replicas": {},
        "f:selector": {},
        "f:strategy": {"f:type": {}},
        "f:template": {
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {
                ".": {},
                "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}},
                "f:image": {},
                "f:name": {},
                "f:ports": {
                    "k:{\"containerPort\":5984,\"protocol\":\"TCP\"}":
                        {".": {}, "f:containerPort": {}, "f:protocol": {}},
                    "k:{\"containerPort\":81,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}},
                },
                "f:readinessProbe": {"f:tcpSocket": {"f:port": {}}},
            }}},
        },
    }});
    assert_eq!(owners(&live), [("cht", "Apply", &expected)]);
    let entry = &live.value()["metadata"]["managedFields"][0];
    assert_eq!(entry["apiVersion"], "apps/v1");
    assert_eq!(entry["fieldsType"], "FieldsV1");
    assert_eq!(entry["time"], live.value()["metadata"]["creationTimestamp"]);
}

#[test]
fn applying_the_same_again_changes_nothing() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    let before = wait_ready(&sandbox, "web");
    block_on(sandbox.clock().sleep(std::time::Duration::from_secs(5)));
    assert_eq!(apply(&sandbox, &deployment("web", "image:1")).value(), before.value());
    assert_eq!(get(&sandbox, Kind::Deployment, "web").value(), before.value());
}

#[test]
fn another_value_of_a_field_of_another_is_a_conflict() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    sandbox
        .update_as("kubectl-edit", &key(Kind::Deployment, "web"), |deployment| {
            deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("image:hot");
        })
        .unwrap();
    let error = block_on(sandbox.apply(&deployment("web", "image:1"), ApplyMode::Respect)).unwrap_err();
    assert_eq!(
        error,
        ClusterError::FieldConflict {
            object: key(Kind::Deployment, "web"),
            fields: vec![FieldConflict {
                manager: "kubectl-edit".to_owned(),
                field: ".spec.template.spec.containers[name=\"web\"].image".to_owned(),
            }],
        }
    );
    // The same value is no conflict; both own it then.
    apply(&sandbox, &deployment("web", "image:hot"));
    let forced = block_on(sandbox.apply(&deployment("web", "image:1"), ApplyMode::Force)).unwrap();
    assert_eq!(forced.value()["spec"]["template"]["spec"]["containers"][0]["image"], "image:1");
    assert!(owners(&forced).iter().all(|(manager, ..)| *manager != "kubectl-edit"));
}

#[test]
fn what_is_no_longer_applied_goes_and_what_others_own_stays() {
    let sandbox = sandbox();
    apply(&sandbox, &config("c", &json!({"a": "1", "b": "2"})));
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": NAMESPACE}, "data": {"a": "1", "z": "3"}});
    sandbox.apply_as("other", theirs).unwrap();
    let live = apply(&sandbox, &config("c", &json!({"c": "4"})));
    assert_eq!(live.value()["data"], json!({"a": "1", "c": "4", "z": "3"}));
}

#[test]
fn a_removed_variable_goes_by_its_name() {
    let sandbox = sandbox();
    let with_env =
        |env: Value| deployment_with("web", "image:1", |spec| spec["template"]["spec"]["containers"][0]["env"] = env);
    apply(&sandbox, &with_env(json!([{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])));
    let live = apply(&sandbox, &with_env(json!([{"name": "B", "value": "3"}])));
    assert_eq!(live.value()["spec"]["template"]["spec"]["containers"][0]["env"], json!([{"name": "B", "value": "3"}]));
    assert_eq!(live.value()["metadata"]["generation"], 2);
}

#[test]
fn labels_do_not_count_as_a_new_generation_and_annotations_of_deployments_do() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    let edit = |field: &str| {
        let live = sandbox
            .update_as("kubectl", &key(Kind::Deployment, "web"), |deployment| {
                deployment["metadata"][field] = json!({"a": "b"});
            })
            .unwrap();
        live.value()["metadata"]["generation"].clone()
    };
    assert_eq!(edit("labels"), 1);
    assert_eq!(edit("annotations"), 2);
}

#[test]
fn a_dry_run_answers_and_changes_nothing() {
    let sandbox = sandbox();
    let made = block_on(sandbox.dry_run(&service("web", 80), ApplyMode::Respect)).unwrap();
    assert!(!made.uid().is_empty() && made.resource_version().is_empty());
    assert!(!exists(&sandbox, Kind::Service, "web"));

    let before = apply(&sandbox, &deployment("web", "image:1"));
    sandbox
        .update_as("kubectl", &key(Kind::Deployment, "web"), |deployment| deployment["spec"]["replicas"] = json!(3))
        .unwrap();
    let edited = get(&sandbox, Kind::Deployment, "web");
    let image = deployment("web", "image:2");
    let error = block_on(sandbox.dry_run(&image, ApplyMode::Respect)).unwrap_err();
    assert!(matches!(error, ClusterError::FieldConflict { .. }), "{error}");
    let answer = block_on(sandbox.dry_run(&image, ApplyMode::Force)).unwrap();
    assert_eq!(answer.value()["spec"]["replicas"], 1);
    assert_eq!((answer.uid(), answer.resource_version()), (before.uid(), edited.resource_version()));
    assert_eq!(get(&sandbox, Kind::Deployment, "web"), edited);
}

#[test]
fn a_replacement_needs_the_current_version() {
    let sandbox = sandbox();
    let old = apply(&sandbox, &config("c", &json!({"a": "1"})));
    let new = apply(&sandbox, &config("c", &json!({"a": "2"})));
    let error = block_on(sandbox.replace(&old)).unwrap_err();
    assert!(matches!(error, ClusterError::Changed { .. }), "{error}");
    let mut value = new.value().clone();
    value["data"] = json!({"b": "3"});
    let replaced = block_on(sandbox.replace(&LiveObject::new(Kind::ConfigMap, value))).unwrap();
    assert_eq!(replaced.value()["data"], json!({"b": "3"}));
    assert_eq!(owners(&replaced), [("cht", "Update", &json!({"f:data": {"f:b": {}}}))]);
    delete(&sandbox, Kind::ConfigMap, "c");
    let error = block_on(sandbox.replace(&replaced)).unwrap_err();
    assert!(matches!(error, ClusterError::Changed { .. }), "{error}");
}

#[test]
fn strategies_change_only_when_nothing_is_left_of_the_other() {
    let sandbox = sandbox();
    let rolling = deployment_with("web", "image:1", |spec| spec["strategy"] = json!({"type": "RollingUpdate"}));
    let live = apply(&sandbox, &rolling);
    assert_eq!(live.value()["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%");
    let error = block_on(sandbox.apply(&deployment("web", "image:1"), ApplyMode::Force)).unwrap_err();
    assert!(error.to_string().contains("spec.strategy.rollingUpdate: Forbidden"), "{error}");
    let mut value = live.value().clone();
    value["spec"]["strategy"] = json!({"type": "Recreate"});
    block_on(sandbox.replace(&LiveObject::new(Kind::Deployment, value))).unwrap();
    apply(&sandbox, &deployment("web", "image:1"));
}
