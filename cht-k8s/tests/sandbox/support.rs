//! Small objects, and waiting for them.

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{ApplyMode, Cluster, LiveObject, WatchEvent};
use cht_manifests::{Kind, Object, ObjectKey};
use futures::StreamExt;
use futures::executor::block_on;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolume, PersistentVolumeClaim, Secret, Service};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) const NAMESPACE: &str = "ns";

/// An object from its JSON.
pub(crate) fn object<T: DeserializeOwned + Into<Object>>(value: Value) -> Object {
    serde_json::from_value::<T>(value).unwrap().into()
}

pub(crate) fn namespace(name: &str) -> Object {
    object::<Namespace>(json!({"metadata": {"name": name}}))
}

pub(crate) fn config(name: &str, data: &Value) -> Object {
    object::<ConfigMap>(json!({"metadata": {"name": name, "namespace": NAMESPACE}, "data": data}))
}

pub(crate) fn secret(name: &str, data: &Value) -> Object {
    object::<Secret>(json!({"metadata": {"name": name, "namespace": NAMESPACE}, "data": data}))
}

pub(crate) fn service(name: &str, port: u16) -> Object {
    object::<Service>(json!({
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": {"app": name}, "ports": [{"port": port, "protocol": "TCP"}]},
    }))
}

/// A Deployment of one pod with a readiness probe; `edit` changes its `spec`.
pub(crate) fn deployment_with(name: &str, image: &str, edit: impl FnOnce(&mut Value)) -> Object {
    let mut value = json!({
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "strategy": {"type": "Recreate"},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{
                    "name": name,
                    "image": image,
                    "readinessProbe": {"tcpSocket": {"port": 80}},
                }]},
            },
        },
    });
    edit(&mut value["spec"]);
    object::<Deployment>(value)
}

pub(crate) fn deployment(name: &str, image: &str) -> Object {
    deployment_with(name, image, |_| ())
}

/// A Deployment whose pod uses a claim.
pub(crate) fn deployment_on(name: &str, claim: &str) -> Object {
    deployment_with(name, "image:1", |spec| {
        spec["template"]["spec"]["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]);
    })
}

pub(crate) fn claim(name: &str, spec: &Value) -> Object {
    let mut all = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    merge(&mut all, spec);
    object::<PersistentVolumeClaim>(json!({"metadata": {"name": name, "namespace": NAMESPACE}, "spec": all}))
}

pub(crate) fn volume(name: &str, spec: &Value) -> Object {
    let mut all = json!({"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}});
    merge(&mut all, spec);
    object::<PersistentVolume>(json!({"metadata": {"name": name}, "spec": all}))
}

pub(crate) fn job(name: &str, policy: &str) -> Object {
    object::<Job>(json!({
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"backoffLimit": 2, "template": {"spec": {
            "restartPolicy": policy,
            "containers": [{"name": name, "image": "image:1"}],
        }}},
    }))
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_object().unwrap() {
        into[name] = value.clone();
    }
}

pub(crate) fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey::new(kind, NAMESPACE, name)
}

/// A sandbox with the namespace in it.
pub(crate) fn sandbox() -> Sandbox {
    with_namespace(Sandbox::new())
}

pub(crate) fn with_namespace(sandbox: Sandbox) -> Sandbox {
    apply(&sandbox, &namespace(NAMESPACE));
    sandbox
}

pub(crate) fn apply(sandbox: &Sandbox, object: &Object) -> LiveObject {
    block_on(sandbox.apply(object, ApplyMode::Respect)).unwrap()
}

pub(crate) fn get(sandbox: &Sandbox, kind: Kind, name: &str) -> LiveObject {
    block_on(sandbox.get(&key(kind, name))).unwrap().unwrap()
}

pub(crate) fn exists(sandbox: &Sandbox, kind: Kind, name: &str) -> bool {
    block_on(sandbox.get(&key(kind, name))).unwrap().is_some()
}

pub(crate) fn delete(sandbox: &Sandbox, kind: Kind, name: &str) -> bool {
    let uid = get(sandbox, kind, name).uid().to_owned();
    block_on(sandbox.delete(&key(kind, name), &uid)).unwrap()
}

pub(crate) fn list(sandbox: &Sandbox, kind: Kind) -> Vec<LiveObject> {
    block_on(sandbox.list(kind, Some(NAMESPACE))).unwrap().items
}

/// Watches a kind until `seen` says so of the objects as they are then. Nothing but the watch makes time pass.
pub(crate) fn wait(
    sandbox: &Sandbox,
    kind: Kind,
    what: &str,
    mut seen: impl FnMut(&[LiveObject]) -> bool,
) -> Vec<LiveObject> {
    block_on(async {
        let listing = sandbox.list(kind, Some(NAMESPACE)).await.unwrap();
        let mut objects = listing.items;
        let mut watch = sandbox.watch(kind, NAMESPACE, &listing.resource_version).await.unwrap();
        // A bound of the sandbox's own time keeps a test that waits in vain from waiting for ever.
        let clock = sandbox.clock();
        let mut late = clock.sleep(std::time::Duration::from_hours(1));
        while !seen(&objects) {
            let event = match futures::future::select(watch.next(), late).await {
                futures::future::Either::Left((event, rest)) => {
                    late = rest;
                    event.unwrap().unwrap()
                }
                futures::future::Either::Right(_) => panic!("never happened: {what}; {:?}", values(&objects)),
            };
            match event {
                WatchEvent::Changed(object) => {
                    objects.retain(|known| known.key() != object.key());
                    objects.push(object);
                }
                WatchEvent::Deleted(object) => objects.retain(|known| known.key() != object.key()),
                WatchEvent::Bookmark(_) => {}
            }
        }
        objects
    })
}

fn values(objects: &[LiveObject]) -> Vec<&Value> {
    objects.iter().map(LiveObject::value).collect()
}

/// Waits until a Deployment is rolled out.
pub(crate) fn wait_ready(sandbox: &Sandbox, name: &str) -> LiveObject {
    let found = wait(sandbox, Kind::Deployment, "rolled out", |objects| {
        objects.iter().any(|object| object.name() == name && is_rolled_out(object))
    });
    found.into_iter().find(|object| object.name() == name).unwrap()
}

pub(crate) fn is_rolled_out(deployment: &LiveObject) -> bool {
    let number = |pointer: &str| deployment.value().pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    let wanted = number("/spec/replicas");
    number("/status/observedGeneration") == number("/metadata/generation")
        && number("/status/updatedReplicas") == wanted
        && number("/status/replicas") == wanted
        && number("/status/availableReplicas") == wanted
}

/// Waits until a container of some pod waits for this reason; answers with its status.
pub(crate) fn wait_reason(sandbox: &Sandbox, reason: &str) -> Value {
    let pods = wait(sandbox, Kind::Pod, reason, |pods| pods.iter().any(|pod| waiting(pod, reason).is_some()));
    pods.iter().find_map(|pod| waiting(pod, reason)).unwrap()
}

fn waiting(pod: &LiveObject, reason: &str) -> Option<Value> {
    let statuses = pod.value().pointer("/status/containerStatuses")?.as_array()?;
    statuses.iter().find(|status| status.pointer("/state/waiting/reason") == Some(&json!(reason))).cloned()
}

/// Waits for an event with this reason that was counted so often; answers with it.
pub(crate) fn wait_event(sandbox: &Sandbox, reason: &str, count: i64) -> LiveObject {
    let matches = |event: &LiveObject| {
        let counted = event.value().get("count").or_else(|| event.value().pointer("/series/count"));
        event.text("/reason") == Some(reason) && counted.and_then(Value::as_i64).unwrap_or(1) >= count
    };
    let events = wait(sandbox, Kind::Event, reason, |events| events.iter().any(matches));
    events.into_iter().find(matches).unwrap()
}

/// Waits until a claim or volume is in this phase.
pub(crate) fn wait_phase(sandbox: &Sandbox, kind: Kind, name: &str, phase: &str) -> LiveObject {
    let found = wait(sandbox, kind, phase, |objects| {
        objects.iter().any(|object| object.name() == name && object.text("/status/phase") == Some(phase))
    });
    found.into_iter().find(|object| object.name() == name).unwrap()
}
