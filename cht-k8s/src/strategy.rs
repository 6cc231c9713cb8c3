//! Lets a Deployment change from rolling updates to `Recreate`, as 5.x has it where 4.x had not.
//!
//! The server fills in the parameters of a rolling update, which nobody owns or another tool does, and then refuses
//! `Recreate` beside them. An apply can only give up what it owns, so they are taken out by a write of the whole object.

use cht_manifests::{Object, ObjectKey};
use serde_json::{Value, json};

use crate::retry::{retrying, unless_changed};
use crate::{Cluster, ClusterError, FIELD_MANAGER, FieldConflict, LiveObject};

/// Whether `wanted` is a Deployment that shall have `Recreate`, where the live one has parameters of rolling updates.
pub(crate) fn gives_up_rolling(wanted: &Object, live: &LiveObject) -> bool {
    wants_recreate(wanted) && has_rolling_update(live)
}

/// The wanted Deployment without its strategy: what can be tried while the live one still has the other.
pub(crate) fn without_strategy(wanted: &Object) -> Object {
    let mut wanted = wanted.clone();
    if let Object::Deployment(deployment) = &mut wanted
        && let Some(spec) = &mut deployment.spec
    {
        spec.strategy = None;
    }
    wanted
}

/// What a trial without a strategy would have come to with it.
pub(crate) fn with_recreate(tried: &LiveObject) -> LiveObject {
    let mut value = tried.value().clone();
    value["spec"]["strategy"] = json!({ "type": "Recreate" });
    LiveObject::new(tried.kind(), value)
}

/// The others who have chosen the live Deployment's strategy. A write of the whole object does not ask them.
pub(crate) fn owners(live: &LiveObject) -> Vec<FieldConflict> {
    let entries = live.value().pointer("/metadata/managedFields").and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter(|entry| entry.pointer("/fieldsV1/f:spec/f:strategy/f:type").is_some())
        .filter_map(|entry| entry.get("manager")?.as_str())
        .filter(|manager| *manager != FIELD_MANAGER)
        .map(|manager| FieldConflict { manager: manager.to_owned(), field: ".spec.strategy.type".to_owned() })
        .collect()
}

/// Takes the parameters of rolling updates out of a live Deployment that shall have `Recreate`. Restarts nothing.
pub(crate) async fn drop_rolling_update(
    cluster: &dyn Cluster,
    wanted: &Object,
    before: Option<&LiveObject>,
) -> Result<(), ClusterError> {
    if !before.is_some_and(|before| gives_up_rolling(wanted, before)) {
        return Ok(());
    }
    let key = wanted.key();
    unless_changed(|| replace(cluster, &key)).await
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
