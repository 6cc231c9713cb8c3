//! Waiting for the cluster's own controllers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cht_k8s::{Cluster, LiveObject, WatchEvent};
use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt as _;
use futures::stream::select_all;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(1);

/// What the controllers write for a Deployment.
const KINDS: [Kind; 3] = [Kind::Deployment, Kind::ReplicaSet, Kind::Pod];

/// Waits until the controllers have nothing more to write about the Deployments of a namespace, and have collected what
/// those that are gone have left.
///
/// # Panics
/// When they still have after a minute, or when the API server does not answer.
pub async fn settled(cluster: &dyn Cluster, namespace: &str) {
    let mut objects = BTreeMap::new();
    let mut watches = Vec::new();
    for kind in KINDS {
        let listing = cluster.list(kind, Some(namespace)).await.expect("a list");
        objects.extend(listing.items.into_iter().map(|object| (object.key(), object)));
        watches.push(cluster.watch(kind, namespace, &listing.resource_version).await.expect("a watch"));
    }
    let mut watches = select_all(watches);
    let settling = async {
        while !are_settled(&objects) {
            match watches.next().await.expect("the watches go on").expect("no error") {
                WatchEvent::Changed(object) => drop(objects.insert(object.key(), object)),
                WatchEvent::Deleted(object) => drop(objects.remove(&object.key())),
                WatchEvent::Bookmark(_) => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, settling).await.expect("the Deployments settle");
}

fn are_settled(objects: &BTreeMap<ObjectKey, LiveObject>) -> bool {
    let uids: BTreeSet<_> = objects.values().map(LiveObject::uid).collect();
    objects.values().all(|object| {
        let owners = object.value()["metadata"]["ownerReferences"].as_array().into_iter().flatten();
        let mut owners = owners.filter(|owner| KINDS.iter().any(|kind| owner["kind"] == kind.as_str()));
        let is_owned = owners.all(|owner| owner["uid"].as_str().is_some_and(|uid| uids.contains(uid)));
        let is_done = match object.kind() {
            Kind::Deployment => is_observed(object) && is_rolled_out(object),
            Kind::ReplicaSet => is_observed(object),
            _ => true,
        };
        is_owned && is_done && !object.is_terminating()
    })
}

/// Whether its controller has seen it as it is, and there are as many pods as it wants.
fn is_observed(object: &LiveObject) -> bool {
    let (spec, status) = (&object.value()["spec"], &object.value()["status"]);
    status["observedGeneration"] == object.value()["metadata"]["generation"]
        && status["replicas"].as_u64().unwrap_or(0) == spec["replicas"].as_u64().unwrap_or(1)
}

fn is_rolled_out(deployment: &LiveObject) -> bool {
    let value = deployment.value();
    let condition = |kind: &str| {
        let conditions = value["status"]["conditions"].as_array().into_iter().flatten();
        conditions.into_iter().find(|condition| condition["type"] == kind).cloned().unwrap_or(Value::Null)
    };
    condition("Progressing")["reason"] == "NewReplicaSetAvailable" && condition("Available")["status"] == "True"
}
