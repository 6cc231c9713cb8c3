//! What is in an instance's namespace, and at which versions.

use std::collections::BTreeMap;

use cht_k8s::{Cluster as _, LiveObject, WatchEvent};
use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt as _;
use serde_json::Value;

use crate::site::{PATIENCE, Site};

/// Each object with its version.
pub(crate) type Versions = BTreeMap<ObjectKey, String>;

impl Site {
    /// Every object of the namespace, the namespace itself and the volumes of its claims, with their versions. Events are
    /// left out: they tell of things, and are none.
    pub(crate) async fn versions(&self) -> Versions {
        let mut versions = Versions::new();
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Event) {
            let ours = |object: &LiveObject| {
                kind.is_namespaced()
                    || object.name() == self.namespace
                    || object.text("/spec/claimRef/namespace") == Some(&self.namespace)
            };
            let objects = self.all(kind).await.into_iter().filter(ours);
            versions.extend(objects.map(|object| (object.key(), object.resource_version().to_owned())));
        }
        versions
    }

    /// Waits until the controllers have nothing more to write about the Deployments.
    pub(crate) async fn settled(&self) {
        let mut deployments = BTreeMap::new();
        let listing = self.cluster.list(Kind::Deployment, Some(&self.namespace)).await.expect("a list");
        deployments.extend(listing.items.into_iter().map(|object| (object.key(), object)));
        let since = listing.resource_version;
        let mut watch = self.cluster.watch(Kind::Deployment, &self.namespace, &since).await.expect("a watch");
        let settling = async {
            while !deployments.values().all(is_settled) {
                match watch.next().await.expect("the watch goes on").expect("no error") {
                    WatchEvent::Changed(object) => drop(deployments.insert(object.key(), object)),
                    WatchEvent::Deleted(object) => drop(deployments.remove(&object.key())),
                    WatchEvent::Bookmark(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, settling).await.expect("the Deployments settle");
    }
}

fn is_settled(deployment: &LiveObject) -> bool {
    let value = deployment.value();
    let condition = |kind: &str| {
        let conditions = value["status"]["conditions"].as_array().into_iter().flatten();
        conditions.into_iter().find(|condition| condition["type"] == kind).cloned().unwrap_or(Value::Null)
    };
    value["status"]["observedGeneration"] == value["metadata"]["generation"]
        && condition("Progressing")["reason"] == "NewReplicaSetAvailable"
        && condition("Available")["status"] == "True"
}
