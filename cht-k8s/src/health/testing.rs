//! Objects as a cluster holds them, and views of them, for tests.

use cht_manifests::Kind;
use cht_model::{Instance, Layer, Values};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::view::View;
use crate::{LiveObject, WatchEvent};

pub(crate) const NAMESPACE: &str = "ns";

/// Values of a small instance.
pub(crate) const K3D: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: local
couchdb: {couchdb_node_storage_size: 10Gi}
";

/// A time, so many seconds after the tests' beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
}

/// The instance of these values, with single ones set otherwise, each as `key=value`.
pub(crate) fn instance(values: &str, set: &[&str]) -> Instance {
    let mut layers = vec![Layer::new("values.yaml", values)];
    layers.extend(set.iter().map(|assignment| Layer::set(*assignment)));
    let values = Values::load(&layers).unwrap_or_else(|error| panic!("{error}"));
    values.validate().unwrap_or_else(|error| panic!("{error}")).value
}

/// An object of which only this is said, besides what identifies it.
pub(crate) fn object(kind: Kind, name: &str, rest: &Value) -> LiveObject {
    let mut value = json!({ "metadata": { "name": name, "namespace": NAMESPACE, "uid": format!("{kind} {name}") } });
    merge(&mut value, rest);
    LiveObject::new(kind, value)
}

/// The value with what the other says laid over it.
pub(crate) fn with(mut value: Value, rest: &Value) -> Value {
    merge(&mut value, rest);
    value
}

fn merge(into: &mut Value, from: &Value) {
    let Value::Object(fields) = from else {
        *into = from.clone();
        return;
    };
    if !into.is_object() {
        *into = Map::new().into();
    }
    for (key, value) in fields {
        merge(&mut into[key], value);
    }
}

/// A pod on the node `alpha`.
pub(crate) fn pod(name: &str, status: &Value) -> LiveObject {
    object(Kind::Pod, name, &json!({ "spec": { "nodeName": "alpha", "containers": [] }, "status": status }))
}

/// A pod that no node takes.
pub(crate) fn unplaced(name: &str, message: &str) -> LiveObject {
    let condition = json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message });
    object(Kind::Pod, name, &json!({ "spec": { "containers": [] }, "status": { "conditions": [condition] } }))
}

/// A pod of one container.
pub(crate) fn pod_with(name: &str, container: &Value) -> LiveObject {
    pod(name, &json!({ "containerStatuses": [container] }))
}

/// The container `api`, in a state.
pub(crate) fn container(state: &Value) -> Value {
    json!({ "name": "api", "image": "cht/api:1", "imageID": "", "ready": false, "restartCount": 0, "state": state })
}

/// The container `api`, which waits.
pub(crate) fn waits(reason: &str, message: &str) -> Value {
    container(&json!({ "waiting": { "reason": reason, "message": message } }))
}

/// The container `api`, which has ended so often, the last time with exit code 7 after so many seconds.
pub(crate) fn crashed(restarts: i32, ended: i64) -> Value {
    let end = json!({ "terminated": { "exitCode": 7, "finishedAt": at(ended).to_string() } });
    let waiting = waits("CrashLoopBackOff", "back-off 40s restarting failed container");
    with(waiting, &json!({ "restartCount": restarts, "lastState": end }))
}

/// A warning that so far was given so often about an object. Its name tells it from others.
pub(crate) fn warning(name: &str, about: &LiveObject, reason: &str, message: &str, count: i32) -> LiveObject {
    let rest = json!({
        "involvedObject": { "kind": about.kind().as_str(), "name": about.name(), "uid": about.uid() },
        "type": "Warning", "reason": reason, "message": message, "count": count,
    });
    object(Kind::Event, name, &rest)
}

/// The image of the Deployments below, in a version.
fn template(version: &str) -> Value {
    json!({
        "metadata": { "labels": { "cht.service": "api" } },
        "spec": { "containers": [{ "name": "api", "image": format!("cht/api:{version}") }] },
    })
}

/// A Deployment whose pods are to have a version.
pub(crate) fn deployment(name: &str, version: &str, generation: i64, status: &Value) -> LiveObject {
    let rest = json!({
        "metadata": { "generation": generation },
        "spec": { "replicas": 1, "selector": {}, "template": template(version) },
        "status": status,
    });
    object(Kind::Deployment, name, &rest)
}

/// The status of a Deployment whose only pod is of this generation's template, and available or not.
pub(crate) fn rolled_out(generation: i64, available: i32, conditions: &[Value]) -> Value {
    json!({
        "observedGeneration": generation, "replicas": 1, "updatedReplicas": 1, "availableReplicas": available,
        "conditions": conditions,
    })
}

/// A Deployment's `ReplicaSet` for pods of a version.
pub(crate) fn replica_set(name: &str, of: &LiveObject, version: &str) -> LiveObject {
    let hashed = with(template(version), &json!({ "metadata": { "labels": { "pod-template-hash": name } } }));
    let rest = json!({
        "metadata": { "ownerReferences": [owner(of)], "creationTimestamp": at(0).to_string() },
        "spec": { "selector": {}, "template": hashed },
    });
    object(Kind::ReplicaSet, name, &rest)
}

/// The object as one that another brought about.
pub(crate) fn owned(object: &LiveObject, by: &LiveObject) -> LiveObject {
    let owners = json!({ "metadata": { "ownerReferences": [owner(by)] } });
    LiveObject::new(object.kind(), with(object.value().clone(), &owners))
}

fn owner(object: &LiveObject) -> Value {
    json!({ "apiVersion": "v1", "kind": object.kind().as_str(), "name": object.name(), "uid": object.uid() })
}

/// A view of these objects, whose whole history counts.
pub(crate) fn view(objects: &[LiveObject]) -> View {
    let mut view = View::default();
    happen(&mut view, objects);
    view
}

/// A view of a run that began with these objects.
pub(crate) fn begun_with(objects: &[LiveObject]) -> View {
    let mut view = view(objects);
    view.begin();
    view
}

/// Lets the objects be new or change.
pub(crate) fn happen(view: &mut View, objects: &[LiveObject]) {
    for object in objects {
        view.update(&WatchEvent::Changed(object.clone()), at(0));
    }
}
