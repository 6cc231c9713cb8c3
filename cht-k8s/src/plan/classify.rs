//! What a deploy would do to each object: known from who owns which field, or else asked of the server.

use cht_manifests::{Kind, Manifest, Needed, Object, ObjectKey};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;

use super::difference::{Difference, differences};
use super::downtime::Downtime;
use super::hash::StepHash;
use super::mask::Masks;
use super::observe::Observed;
use super::ownership::{is_as_applied, our_fields};
use super::step::{Change, Step};
use super::trial::{Trial, try_out};
use crate::takeover::is_taken_over;
use crate::{Cluster, ClusterError, FIELD_MANAGER, LiveObject};

/// How many objects are tried at the same time.
pub(super) const IN_PARALLEL: usize = 8;

/// What the server, and not who applies, says about an object.
const OF_THE_SERVER: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// A step for each object, in order.
pub(super) async fn steps(
    cluster: &dyn Cluster,
    manifests: impl IntoIterator<Item = &Manifest>,
    namespace: &str,
    observed: &Observed,
    masks: &Masks<'_>,
) -> Result<Vec<Step>, ClusterError> {
    let steps: Vec<BoxFuture<'_, _>> = manifests
        .into_iter()
        .map(|manifest| Box::pin(step(cluster, manifest, namespace, observed, masks)) as _)
        .collect();
    stream::iter(steps).buffered(IN_PARALLEL).try_collect().await
}

async fn step(
    cluster: &dyn Cluster,
    manifest: &Manifest,
    namespace: &str,
    observed: &Observed,
    masks: &Masks<'_>,
) -> Result<Step, ClusterError> {
    let seen = observed.get(&manifest.object.key());
    let step = |change: Change, restarts: Option<Downtime>, live: Option<&LiveObject>| {
        let hash = StepHash::of(manifest, &change, live, masks);
        Step { manifest: manifest.clone(), change, restarts, hash }
    };
    if let Some(change) = without_asking(manifest, namespace, observed) {
        return Ok(step(change, None, seen));
    }
    let (live, trial) = try_out(cluster, &manifest.object, seen, is_taken_over).await?;
    Ok(match (trial, live) {
        (Trial::Refused(change), live) => step(change.redacted(masks.redactor()), None, live.as_ref()),
        (Trial::Accepted { .. }, None) => step(Change::Create, None, None),
        (Trial::Accepted { result, owners }, Some(live)) => {
            let found = differences(&bare(&live), &bare(&result));
            let shown = found.iter().map(|difference| masks.change(manifest.object.kind(), difference)).collect();
            let change = changed(&live, &result, shown, owners);
            step(change, restarts(manifest, &result, &found), Some(&live))
        }
    })
}

/// What is known from what was observed.
fn without_asking(manifest: &Manifest, namespace: &str, observed: &Observed) -> Option<Change> {
    let key = manifest.object.key();
    match (&manifest.needed, &manifest.object, observed.get(&key)) {
        (Needed::UntilBound(_), _, Some(_)) => Some(Change::Rerun),
        (Needed::UntilBound(claim), _, None) if observed.is_bound(namespace, claim) => Some(Change::Leave),
        // A namespace that is there belongs to whoever made it.
        (_, Object::Namespace(_), Some(_)) => Some(Change::Leave),
        (_, Object::Namespace(_), None) if !observed.namespace_visible => Some(Change::Leave),
        // What is on its way out is made again.
        (_, _, Some(live)) if live.is_terminating() => Some(Change::Create),
        (_, object, Some(live)) if is_as_applied(live, &object.to_value()) => Some(Change::Unchanged),
        // Without its namespace an object cannot be tried.
        (_, object, None) if object.kind().is_namespaced() && !is_there(observed, namespace) => Some(Change::Create),
        _ => None,
    }
}

fn is_there(observed: &Observed, namespace: &str) -> bool {
    !observed.namespace_visible || observed.get(&ObjectKey::new(Kind::Namespace, "", namespace)).is_some()
}

/// What an accepted trial makes of a live object.
fn changed(
    live: &LiveObject,
    result: &LiveObject,
    fields: Vec<super::FieldChange>,
    mut owners: Vec<crate::FieldConflict>,
) -> Change {
    // What this project has written whole is its own already.
    owners.retain(|conflict| conflict.manager != FIELD_MANAGER);
    let is_new_to_us = our_fields(live).is_none();
    let is_owned_alike = our_fields(live) == our_fields(result);
    match fields.is_empty() {
        true if is_owned_alike => Change::Unchanged,
        true => Change::Adopt { fields, owners },
        false if is_new_to_us || !owners.is_empty() => Change::Adopt { fields, owners },
        false => Change::Update { fields },
    }
}

/// What people would notice, where the pods of a Deployment that runs are replaced.
fn restarts(manifest: &Manifest, result: &LiveObject, found: &[Difference]) -> Option<Downtime> {
    let is_deployment = manifest.object.kind() == Kind::Deployment;
    let changes_pods = is_deployment && found.iter().any(|found| found.path.is_within(&["spec", "template"]));
    changes_pods.then(|| Downtime::of(manifest.component, &result.decode().unwrap_or_default()))
}

/// An object without what the server says about it.
pub(super) fn bare(object: &LiveObject) -> Value {
    let mut value = object.value().clone();
    if let Some(fields) = value.as_object_mut() {
        // A list's items come without the first two.
        for field in ["apiVersion", "kind", "status"] {
            fields.remove(field);
        }
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| !OF_THE_SERVER.contains(&field.as_str()));
        }
    }
    value
}

#[cfg(test)]
mod tests;
