use std::collections::BTreeSet;
use std::path::Path;

use cht_manifests::{Kind, Manifest, Object, manifests};
use cht_model::Instance;
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::health::testing::{instance, with};
use crate::sandbox::Sandbox;
use crate::{ApplyMode, Cluster};

fn wanted() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "name": "api", "namespace": "ns", "labels": { "a": "1" } },
        "spec": { "selector": { "cht.service": "api" }, "ports": [{ "port": 5988, "protocol": "TCP", "targetPort": 5988 }] },
    })
}

fn live() -> LiveObject {
    let mut value = wanted();
    value["metadata"]["managedFields"] = json!([
        { "manager": "kubectl", "operation": "Update", "fieldsV1": {} },
        { "manager": "cht", "operation": "Apply", "fieldsV1": {
            "f:metadata": { "f:labels": { "f:a": {} } },
            "f:spec": {
                "f:selector": {},
                "f:ports": { "k:{\"port\":5988,\"protocol\":\"TCP\"}": { ".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {} } },
            },
        }},
    ]);
    value["spec"]["clusterIP"] = json!("10.0.0.1");
    LiveObject::new(Kind::Service, value)
}

fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut value = wanted();
    change(&mut value);
    value
}

#[test]
fn what_was_applied_is_as_applied() {
    assert!(is_as_applied(&live(), &wanted()));
}

#[test]
fn every_difference_shows() {
    let differences = [
        ("a changed value", changed(|w| w["metadata"]["labels"]["a"] = json!("2"))),
        ("a new field", changed(|w| w["metadata"]["labels"]["b"] = json!("1"))),
        ("a field that is not wanted any more", changed(|w| w["metadata"]["labels"] = json!({}))),
        ("a changed atomic map", changed(|w| w["spec"]["selector"] = json!({ "cht.service": "other" }))),
        ("a changed item", changed(|w| w["spec"]["ports"][0]["targetPort"] = json!(1))),
        ("another item", changed(|w| w["spec"]["ports"][0]["port"] = json!(1))),
        (
            "one more item",
            changed(|w| {
                w["spec"]["ports"].as_array_mut().expect("ports").push(json!({ "port": 1, "protocol": "TCP" }));
            }),
        ),
    ];
    for (what, wanted) in differences {
        assert!(!is_as_applied(&live(), &wanted), "{what}");
    }
}

#[test]
fn what_others_changed_shows() {
    let mut value = live().value().clone();
    value["metadata"]["labels"]["a"] = json!("theirs");
    assert!(!is_as_applied(&LiveObject::new(Kind::Service, value), &wanted()));
}

#[test]
fn what_others_own_alone_is_not_ours() {
    let mut value = live().value().clone();
    value["metadata"]["managedFields"] = json!([]);
    assert!(!is_as_applied(&LiveObject::new(Kind::Service, value), &wanted()));
}

#[test]
fn what_is_dropped_from_something_owned_as_a_whole_shows() {
    let mut value = live().value().clone();
    value["spec"]["selector"]["more"] = json!("1");
    assert!(!is_as_applied(&LiveObject::new(Kind::Service, value), &wanted()));
}

#[test]
fn a_nought_that_is_a_value_is_missed_when_it_is_gone() {
    let owner = |fields: &Value| json!([{ "manager": "cht", "operation": "Apply", "fieldsV1": fields }]);
    let of = |spec: &Value, fields: &Value| {
        LiveObject::new(Kind::Deployment, json!({ "metadata": { "managedFields": owner(fields) }, "spec": spec }))
    };
    let wanted = |field: &str| json!({ "spec": { "x": 1, field: 0 } });
    let gone = of(&json!({ "x": 1 }), &json!({ "f:spec": { "f:x": {} } }));
    assert!(!is_as_applied(&gone, &wanted("fsGroup")));
    assert!(is_as_applied(&gone, &wanted("partition")), "the server keeps no partition 0");
}

#[test]
fn what_we_wrote_as_a_whole_is_not_what_we_applied() {
    let mut value = live().value().clone();
    value["metadata"]["managedFields"][1]["operation"] = json!("Update");
    assert!(!is_as_applied(&LiveObject::new(Kind::Service, value.clone()), &wanted()));
    value["metadata"]["managedFields"][1]["operation"] = json!("Apply");
    value["metadata"]["managedFields"][1]["subresource"] = json!("status");
    assert!(!is_as_applied(&LiveObject::new(Kind::Service, value), &wanted()));
}

/// Every object of every example, as it is wanted and as a cluster holds it after it was applied.
fn applied_examples() -> Vec<(Value, LiveObject)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let files = std::fs::read_dir(folder).expect("the examples").map(|file| file.expect("a file").path());
    files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).flat_map(|file| applied(&file)).collect()
}

fn applied(file: &Path) -> Vec<(Value, LiveObject)> {
    let values = std::fs::read_to_string(file).expect("values");
    // Both what an instance makes itself and what it makes for data that is there already.
    let folders =
        ["1", "2", "3"].map(|number| format!("local_storage.preExistingDiskPath-{number}=/srv/couchdb{number}"));
    let mut existing: Vec<_> = folders.iter().map(String::as_str).collect();
    existing.push("couchdb_data.preExistingDataAvailable=true");
    let on_k3s = values.contains("cluster_type: k3s-k3d");
    let sets = if on_k3s { vec![&[][..], &existing] } else { vec![&[][..]] };
    sets.into_iter().flat_map(|set| applied_instance(&instance(&values, set))).collect()
}

fn applied_instance(instance: &Instance) -> Vec<(Value, LiveObject)> {
    let sandbox = Sandbox::new();
    let instance = instance.clone().with_credentials(|key| key.secret_key().into());
    let apply = |manifest: &Manifest| {
        let live = block_on(sandbox.apply(&manifest.object, ApplyMode::Respect));
        (manifest.object.to_value(), live.unwrap_or_else(|error| panic!("{error}")))
    };
    manifests(&instance).iter().map(apply).collect()
}

/// The JSON pointers of all texts, numbers and truth values in a value.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                leaves(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{pointer}/{index}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

/// The leaves that an apply owns: all but those that identify the object.
fn owned_leaves(wanted: &Value) -> Vec<String> {
    let mut found = Vec::new();
    leaves(wanted, "", &mut found);
    found.retain(|leaf| !["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"].contains(&leaf.as_str()));
    found
}

fn changed_at(value: &Value, pointer: &str) -> Value {
    let mut changed = value.clone();
    let leaf = changed.pointer_mut(pointer).expect("a leaf");
    *leaf = match leaf.take() {
        Value::String(text) => format!("{text}x").into(),
        Value::Bool(value) => (!value).into(),
        Value::Number(number) => (number.as_i64().expect("a whole number") + 1).into(),
        other => panic!("{other} is no leaf"),
    };
    changed
}

fn without(value: &Value, pointer: &str) -> Value {
    let mut changed = value.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("below the root");
    match changed.pointer_mut(parent).expect("its parent") {
        Value::Object(fields) => {
            fields.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(items) => {
            items.remove(key.parse().expect("an index"));
        }
        other => panic!("{other} has no leaves"),
    }
    changed
}

#[test]
fn every_object_that_was_applied_is_as_applied() {
    let mut kinds = BTreeSet::new();
    for (wanted, live) in applied_examples() {
        assert!(is_as_applied(&live, &wanted), "{}", live.key());
        kinds.insert(live.kind());
    }
    // Every kind that an instance may consist of is among the examples.
    let made = Object::KINDS.into_iter();
    assert_eq!(kinds, made.collect());
}

#[test]
fn every_leaf_that_is_to_be_another_shows() {
    for (wanted, live) in applied_examples() {
        for leaf in owned_leaves(&wanted) {
            assert!(!is_as_applied(&live, &changed_at(&wanted, &leaf)), "{} {leaf} changed", live.key());
            assert!(!is_as_applied(&live, &without(&wanted, &leaf)), "{} {leaf} gone", live.key());
        }
    }
}

#[test]
fn every_leaf_that_others_made_another_shows() {
    for (wanted, live) in applied_examples() {
        for leaf in owned_leaves(&wanted) {
            // Where the server writes a value in its own way, there is nothing to change it from.
            if live.value().pointer(&leaf) != wanted.pointer(&leaf) {
                continue;
            }
            let theirs = |value| LiveObject::new(live.kind(), value);
            assert!(!is_as_applied(&theirs(changed_at(live.value(), &leaf)), &wanted), "{} {leaf} changed", live.key());
            assert!(!is_as_applied(&theirs(without(live.value(), &leaf)), &wanted), "{} {leaf} gone", live.key());
        }
    }
}

#[test]
fn what_others_add_is_theirs() {
    for (wanted, live) in applied_examples() {
        let added = with(live.value().clone(), &json!({ "metadata": { "annotations": { "theirs": "1" } } }));
        assert!(is_as_applied(&LiveObject::new(live.kind(), added), &wanted), "{}", live.key());
    }
}
