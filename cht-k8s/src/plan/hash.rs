//! What a plan is known again by: hashes of what it would do, in which neither secrets nor what passes by itself counts.
//!
//! Generated credentials differ at every look, versions and states change by themselves: none of them is in a hash.

use cht_manifests::Manifest;
use serde_json::{Value, json};

use super::mask::Masks;
use super::prune::{Fate, Superseded};
use super::record::PlanRecord;
use super::step::Change;
use crate::LiveObject;
use crate::canonical::sha256;

/// The hashes of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StepHash {
    /// Of what is wanted.
    pub(super) wanted: String,
    /// Of all of it: what is wanted, what would happen to it, and to which object.
    pub(super) whole: String,
}

impl StepHash {
    /// The hashes of a step on a live object, or on none.
    pub(super) fn of(manifest: &Manifest, change: &Change, live: Option<&LiveObject>, masks: &Masks<'_>) -> Self {
        let key = manifest.object.key();
        let wanted = sha256(&masks.object(&manifest.object));
        let owners: &[_] = match change {
            Change::Adopt { owners, .. } | Change::Conflict { fields: owners } => owners,
            _ => &[],
        };
        let whole = sha256(&json!({
            "object": { "kind": key.kind.as_str(), "namespace": key.namespace, "name": key.name },
            "wanted": wanted,
            "live": live.map(LiveObject::uid),
            "class": change.as_str(),
            "fields": change.fields(),
            "owners": owners,
        }));
        Self { wanted, whole }
    }
}

/// The hash of what becomes of an object that is not wanted any more.
pub(super) fn of_superseded(superseded: &Superseded) -> String {
    let Superseded { object, fate } = superseded;
    let uid = match fate {
        Fate::Prune { uid } => Some(uid),
        Fate::Protected | Fate::NotOurs { .. } => None,
    };
    sha256(&json!({
        "object": { "kind": object.kind.as_str(), "namespace": object.namespace, "name": object.name },
        "live": uid,
        "class": fate.as_str(),
    }))
}

/// The hash of a whole plan: what it is for, and the hashes of its steps, each with its object.
pub(super) fn of_plan(plan: &PlanRecord) -> String {
    let PlanRecord { action, project, namespace, version, steps, .. } = plan;
    let steps: Vec<Value> = steps.iter().map(|step| json!([step.object, step.hash])).collect();
    sha256(&json!({ "action": action, "project": project, "namespace": namespace, "version": version, "steps": steps }))
}
