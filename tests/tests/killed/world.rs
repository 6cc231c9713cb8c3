//! Instances, and what is left of them in a sandbox.

use std::collections::BTreeMap;

use cht_k8s::Cluster as _;
use cht_k8s::sandbox::Sandbox;
use cht_manifests::{Kind, ObjectKey};
use cht_model::{Instance, Layer, Values};
use serde_json::Value;

pub(crate) fn instance(example: &str, tag: &str) -> Instance {
    instance_with(example, &[&format!("cht_image_tag={tag}")])
}

/// The instance of an example, with single values set otherwise.
pub(crate) fn instance_with(example: &str, set: &[&str]) -> Instance {
    let path = format!("{}/../examples/{example}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the example is there");
    let set = set.iter().map(|assignment| Layer::set(*assignment));
    let layers: Vec<_> = [Layer::new(example, text)].into_iter().chain(set).collect();
    Values::load(&layers).expect("the example is YAML").validate().expect("the example is valid").value
}

/// What a deploy leaves, without what differs between any two: identities, versions, times.
pub(crate) async fn left(sandbox: &Sandbox, namespace: &str) -> BTreeMap<ObjectKey, Value> {
    let kinds = Kind::ALL.into_iter().filter(|kind| {
        !matches!(
            kind,
            Kind::Pod
                | Kind::ReplicaSet
                | Kind::Event
                | Kind::Node
                | Kind::StorageClass
                | Kind::IngressClass
                | Kind::PersistentVolume
                | Kind::Lease
        )
    });
    let mut objects = BTreeMap::new();
    for kind in kinds {
        for object in sandbox.list(kind, Some(namespace)).await.expect("a list").items {
            // The records of two histories differ.
            if kind == Kind::ConfigMap && object.name().starts_with("cht.") {
                continue;
            }
            let mut wanted = object.value().clone();
            // Generated credentials differ, and so do the checksums of them.
            for part in ["/metadata", "/status", "/data", "/spec/volumeName", "/spec/clusterIP", "/spec/clusterIPs"] {
                if let Some(value) = wanted.pointer_mut(part) {
                    *value = Value::Null;
                }
            }
            if let Some(annotations) = wanted.pointer_mut("/spec/template/metadata/annotations") {
                *annotations = Value::Null;
            }
            objects.insert(object.key(), wanted);
        }
    }
    objects
}

/// The identities of what must survive everything.
pub(crate) async fn identities(sandbox: &Sandbox, namespace: &str) -> BTreeMap<ObjectKey, String> {
    let mut identities = BTreeMap::new();
    for kind in [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret] {
        for object in sandbox.list(kind, Some(namespace)).await.expect("a list").items {
            identities.insert(object.key(), object.uid().to_owned());
        }
    }
    identities
}
