//! What a case runs in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cht_k8s::{ApplyMode, Cluster, ClusterError, LiveObject};
use cht_manifests::{Kind, Object, ObjectKey};
use futures::future::{Either, select};
use serde_json::Value;

use super::follow::Follow;
use crate::player::Binding;

/// How long a case waits for what must come, by the cluster's clock.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// What happens to a cluster besides the requests of [`Cluster`].
#[async_trait]
pub trait Backstage: Send + Sync {
    /// Applies an object as another field manager, with server-side apply.
    async fn apply_as(&self, manager: &str, object: Value);

    /// Writes a whole object as another field manager, as an editor does. An object without a version is a new one.
    async fn update_as(&self, manager: &str, object: Value);

    /// From now on pods are scheduled and get ready.
    async fn play(&self);

    /// A storage class, of any name, whose claims get volumes from now on.
    async fn storage_class(&self, binding: Binding) -> String;
}

/// What a case runs in.
pub struct World {
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// A namespace of the case's own.
    pub namespace: String,
    /// The name of a namespace that is not there, and that only the case makes.
    pub reserved: String,
    /// What happens besides requests.
    pub backstage: Box<dyn Backstage>,
}

impl World {
    pub(super) fn key(&self, kind: Kind, name: &str) -> ObjectKey {
        ObjectKey::new(kind, &self.namespace, name)
    }

    pub(super) async fn apply(&self, object: &Object) -> LiveObject {
        self.try_apply(object).await.unwrap_or_else(|error| panic!("{} could not be applied: {error}", object.key()))
    }

    pub(super) async fn try_apply(&self, object: &Object) -> Result<LiveObject, ClusterError> {
        self.cluster.apply(object, ApplyMode::Respect).await
    }

    pub(super) async fn get(&self, key: &ObjectKey) -> Option<LiveObject> {
        self.cluster.get(key).await.unwrap_or_else(|error| panic!("{key} could not be read: {error}"))
    }

    /// An object that must be there.
    pub(super) async fn live(&self, object: &Object) -> LiveObject {
        let key = object.key();
        self.get(&key).await.unwrap_or_else(|| panic!("{key} is not there"))
    }

    /// Deletes an object that must be there.
    pub(super) async fn delete(&self, object: &LiveObject) {
        assert_eq!(self.cluster.delete(&object.key(), object.uid()).await, Ok(true), "{object:?}");
    }

    /// Everything that happens to a kind from now on, with what is there already.
    pub(super) async fn follow(&self, kind: Kind) -> Follow {
        Follow::start(Arc::clone(&self.cluster), kind, &self.namespace).await
    }

    /// Waits until an object, or its absence, is as wanted; `what` is for the message.
    pub(super) async fn until(
        &self,
        key: &ObjectKey,
        what: &str,
        holds: impl Fn(Option<&LiveObject>) -> bool,
    ) -> Option<LiveObject> {
        let objects = self.until_all(key.kind, what, |objects| holds(find(objects, key))).await;
        find(&objects, key).cloned()
    }

    /// Waits until the objects of a kind are as wanted; `what` is for the message.
    pub(super) async fn until_all(
        &self,
        kind: Kind,
        what: &str,
        holds: impl Fn(&[LiveObject]) -> bool,
    ) -> Vec<LiveObject> {
        let mut follow = self.follow(kind).await;
        loop {
            let objects = follow.objects();
            if holds(&objects) {
                return objects;
            }
            follow.next(what).await;
        }
    }

    /// Waits until an object is gone.
    pub(super) async fn until_gone(&self, key: &ObjectKey) {
        self.until(key, &format!("the end of {key}"), |found| found.is_none()).await;
    }
}

fn find<'a>(objects: &'a [LiveObject], key: &ObjectKey) -> Option<&'a LiveObject> {
    objects.iter().find(|object| object.key() == *key)
}

/// What `future` answers, unless that takes too long by the cluster's clock.
pub(super) async fn in_time<T>(cluster: &dyn Cluster, what: &str, future: impl Future<Output = T>) -> T {
    let clock = cluster.clock();
    match select(Box::pin(future), clock.sleep(PATIENCE)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => panic!("{what} did not come within {PATIENCE:?}"),
    }
}
