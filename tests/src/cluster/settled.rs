//! Waiting for the cluster's own controllers.

use std::collections::BTreeMap;
use std::time::Duration;

use cht_k8s::{Cluster, LiveObject, WatchEvent};
use cht_manifests::Kind;
use futures::StreamExt as _;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until the controllers have nothing more to write about the Deployments of a namespace.
///
/// # Panics
/// When they still have after a minute, or when the API server does not answer.
pub async fn settled(cluster: &dyn Cluster, namespace: &str) {
    let mut deployments = BTreeMap::new();
    let listing = cluster.list(Kind::Deployment, Some(namespace)).await.expect("a list");
    deployments.extend(listing.items.into_iter().map(|object| (object.key(), object)));
    let since = listing.resource_version;
    let mut watch = cluster.watch(Kind::Deployment, namespace, &since).await.expect("a watch");
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
