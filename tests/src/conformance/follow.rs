//! Follows the objects of a kind through a watch.

use std::collections::BTreeMap;
use std::sync::Arc;

use cht_k8s::{Cluster, ClusterError, LiveObject, Watch, WatchEvent};
use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt as _;

use super::world::in_time;

/// The objects of a kind in a namespace, kept up to date by a watch.
pub(super) struct Follow {
    cluster: Arc<dyn Cluster>,
    kind: Kind,
    namespace: String,
    watch: Watch,
    objects: BTreeMap<ObjectKey, LiveObject>,
}

impl Follow {
    pub(super) async fn start(cluster: Arc<dyn Cluster>, kind: Kind, namespace: &str) -> Self {
        let (objects, watch) = begin(&*cluster, kind, namespace).await;
        Self { cluster, kind, namespace: namespace.to_owned(), watch, objects }
    }

    pub(super) fn objects(&self) -> Vec<LiveObject> {
        self.objects.values().cloned().collect()
    }

    /// The next change or deletion; `what` it is waited for is for the message.
    pub(super) async fn next(&mut self, what: &str) -> WatchEvent {
        loop {
            let cluster = Arc::clone(&self.cluster);
            match in_time(&*cluster, what, self.watch.next()).await {
                Some(Ok(WatchEvent::Bookmark(_))) => {}
                Some(Ok(event)) => {
                    self.take_in(&event);
                    return event;
                }
                // Nothing that a case waits for happens while it begins anew: it then finds it in the list.
                Some(Err(ClusterError::Expired)) | None => {
                    (self.objects, self.watch) = begin(&*cluster, self.kind, &self.namespace).await;
                }
                Some(Err(error)) => panic!("the watch of {} failed: {error}", self.kind),
            }
        }
    }

    fn take_in(&mut self, event: &WatchEvent) {
        match event {
            WatchEvent::Changed(object) => drop(self.objects.insert(object.key(), object.clone())),
            WatchEvent::Deleted(object) => drop(self.objects.remove(&object.key())),
            WatchEvent::Bookmark(_) => {}
        }
    }
}

async fn begin(cluster: &dyn Cluster, kind: Kind, namespace: &str) -> (BTreeMap<ObjectKey, LiveObject>, Watch) {
    let within = kind.is_namespaced().then_some(namespace);
    let listing =
        cluster.list(kind, within).await.unwrap_or_else(|error| panic!("{kind} could not be listed: {error}"));
    let watch = cluster
        .watch(kind, namespace, &listing.resource_version)
        .await
        .unwrap_or_else(|error| panic!("{kind} could not be watched: {error}"));
    (listing.items.into_iter().map(|object| (object.key(), object)).collect(), watch)
}
