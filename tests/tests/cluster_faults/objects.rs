//! What deploys leave in a namespace, and what must survive them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cht_k8s::LiveObject;
use cht_manifests::{Kind, ObjectKey};
use cht_tests::cluster::listed;
use serde_json::{Value, json};

use crate::site::Site;

/// Objects by kind and name, without what differs between any two instances.
pub(crate) type Objects = BTreeMap<(Kind, String), Value>;

/// What the cluster's own controllers put into every namespace.
const OF_THE_CLUSTER: [&str; 3] = ["default", "default-token-", "kube-root-ca.crt"];

/// Kinds of which controllers make the objects, or which belong to nobody's namespace, and the lock.
const OTHERS: [Kind; 8] = [
    Kind::Pod,
    Kind::ReplicaSet,
    Kind::Event,
    Kind::Node,
    Kind::StorageClass,
    Kind::IngressClass,
    Kind::PersistentVolume,
    Kind::Lease,
];

impl Site {
    /// What is in the namespace, but for identities, versions, times, and what was generated or chosen by the server.
    pub(crate) async fn objects(&self) -> Objects {
        let mut objects = Objects::new();
        for kind in Kind::ALL.into_iter().filter(|kind| !OTHERS.contains(kind)) {
            for object in self.all(kind).await {
                // The records of two histories differ.
                let is_record = kind == Kind::ConfigMap && object.name().starts_with("cht.");
                if !is_record && !OF_THE_CLUSTER.iter().any(|name| object.name().starts_with(name)) {
                    let name = object.name().replace(&self.namespace, "NAMESPACE");
                    objects.insert((kind, name), self.comparable(&object));
                }
            }
        }
        objects
    }

    /// The identities of what must survive everything: claims, volumes and Secrets, these with what they hold.
    pub(crate) async fn identities(&self) -> BTreeMap<ObjectKey, String> {
        let mut identities = BTreeMap::new();
        for kind in [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret] {
            identities.extend(self.all(kind).await.into_iter().map(|object| (object.key(), identity(&object))));
        }
        identities
    }

    /// The objects of a kind in the namespace, the namespace itself, the volumes of its claims.
    pub(crate) async fn all(&self, kind: Kind) -> Vec<LiveObject> {
        let items = listed(&self.kube, kind, &self.namespace).await;
        let is_ours = |object: &LiveObject| {
            kind.is_namespaced()
                || object.name() == self.namespace
                || object.text("/spec/claimRef/namespace") == Some(&self.namespace)
        };
        items.into_iter().filter(is_ours).collect()
    }

    fn comparable(&self, object: &LiveObject) -> Value {
        let text = object.value().to_string().replace(&self.namespace, "NAMESPACE");
        let mut value: Value = serde_json::from_str(&text).expect("the name of a namespace needs no escapes");
        // It holds a digest of the namespace.
        if let Some(set) = value.pointer_mut("/metadata/labels/applyset.kubernetes.io~1part-of") {
            *set = "SET".into();
        }
        let kept = ["name", "labels", "ownerReferences", "finalizers", "deletionTimestamp"];
        let metadata = kept.map(|key| (key, value["metadata"][key].take()));
        value["metadata"] = json!(BTreeMap::from(metadata));
        // Generated credentials differ, and so do the checksums of them.
        let generated = if object.kind() == Kind::Secret { "/data" } else { "/spec/template/metadata/annotations" };
        for field in value.pointer_mut(generated).and_then(Value::as_object_mut).into_iter().flatten() {
            *field.1 = Value::Null;
        }
        for chosen in ["/status", "/spec/volumeName", "/spec/clusterIP", "/spec/clusterIPs", "/secrets"] {
            if let Some(field) = value.pointer_mut(chosen) {
                *field = Value::Null;
            }
        }
        value
    }
}

/// The UID, and what a Secret holds in a form that may be shown.
fn identity(object: &LiveObject) -> String {
    let mut hasher = DefaultHasher::new();
    object.value()["data"].to_string().hash(&mut hasher);
    format!("{} {:x}", object.uid(), hasher.finish())
}
