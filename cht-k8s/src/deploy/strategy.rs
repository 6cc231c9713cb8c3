//! Lets a Deployment change from rolling updates to `Recreate`, as 5.x has it where 4.x had not.
//!
//! The server fills in the parameters of a rolling update, which nobody owns or another tool does, and then refuses
//! `Recreate` beside them. An apply can only give up what it owns, so they are taken out by a write of the whole object.

use cht_manifests::{Object, ObjectKey};
use serde_json::json;

use crate::retry::retrying;
use crate::{Cluster, ClusterError, LiveObject};

/// How often the object may be written by someone else in between.
const TRIES: usize = 5;

/// Takes the parameters of rolling updates out of a live Deployment that shall have `Recreate`. Restarts nothing.
pub(super) async fn drop_rolling_update(
    cluster: &dyn Cluster,
    wanted: &Object,
    before: Option<&LiveObject>,
) -> Result<(), ClusterError> {
    if !wants_recreate(wanted) || !before.is_some_and(has_rolling_update) {
        return Ok(());
    }
    let key = wanted.key();
    let mut answer = Ok(());
    for _ in 0..TRIES {
        answer = replace(cluster, &key).await;
        if !matches!(answer, Err(ClusterError::Changed { .. })) {
            break;
        }
    }
    answer
}

async fn replace(cluster: &dyn Cluster, key: &ObjectKey) -> Result<(), ClusterError> {
    let clock = cluster.clock();
    let Some(live) = retrying(&*clock, || cluster.get(key)).await?.filter(has_rolling_update) else { return Ok(()) };
    let mut value = live.value().clone();
    value["spec"]["strategy"] = json!({ "type": "Recreate" });
    let live = LiveObject::new(key.kind, value);
    retrying(&*clock, || cluster.replace(&live)).await.map(|_| ())
}

fn wants_recreate(wanted: &Object) -> bool {
    let Object::Deployment(deployment) = wanted else { return false };
    let strategy = deployment.spec.as_ref().and_then(|spec| spec.strategy.as_ref());
    strategy.is_some_and(|strategy| strategy.type_.as_deref() == Some("Recreate"))
}

fn has_rolling_update(live: &LiveObject) -> bool {
    live.value().pointer("/spec/strategy/rollingUpdate").is_some()
}
