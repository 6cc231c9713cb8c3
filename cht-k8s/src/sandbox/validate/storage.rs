//! Volumes and claims.

use serde_json::Value;

use super::Problems;
use crate::sandbox::immutable::volume_source;
use crate::sandbox::json::{items, text};

pub(super) fn volume(object: &Value, problems: &mut Problems) {
    properties(object, problems);
    problems.require(object, "/spec/capacity", "spec.capacity");
    quantity(object, "/spec/capacity/storage", "spec.capacity[storage]", problems);
    let policies = ["Delete", "Recycle", "Retain"];
    problems.one_of(object, "/spec/persistentVolumeReclaimPolicy", "spec.persistentVolumeReclaimPolicy", &policies);
    let sources = volume_source(object);
    if sources.is_empty() {
        problems.add("spec", "Required value: must specify a volume type");
    }
    for surplus in sources.keys().skip(1) {
        problems.add(&format!("spec.{surplus}"), "Forbidden: may not specify more than 1 volume type");
    }
    let affinity = object.pointer("/spec/nodeAffinity");
    if sources.contains_key("local") && affinity.is_none() {
        problems.add("spec.nodeAffinity", "Required value: Local volume requires node affinity");
    }
    if affinity.is_some() && items(object, "/spec/nodeAffinity/required/nodeSelectorTerms").is_empty() {
        let field = "spec.nodeAffinity.required.nodeSelectorTerms";
        problems.add(field, "Required value: must have at least one node selector term");
    }
}

pub(super) fn claim(object: &Value, problems: &mut Problems) {
    properties(object, problems);
    problems.require(object, "/spec/resources/requests/storage", "spec.resources[storage]");
    quantity(object, "/spec/resources/requests/storage", "spec.resources[storage]", problems);
}

/// Checks what volumes and claims have in common.
fn properties(object: &Value, problems: &mut Problems) {
    problems.require(object, "/spec/accessModes", "spec.accessModes");
    for mode in items(object, "/spec/accessModes") {
        let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce"];
        problems.supported(mode.as_str().unwrap_or_default(), "spec.accessModes", &modes);
    }
    problems.one_of(object, "/spec/volumeMode", "spec.volumeMode", &["Block", "Filesystem"]);
}

fn quantity(object: &Value, pointer: &str, field: &str, problems: &mut Problems) {
    let Some(written) = text(object, pointer) else { return };
    match crate::sandbox::quantity::bytes(written) {
        Some(bytes) if bytes > 0 => {}
        Some(_) => problems.add(field, format!("Invalid value: {written:?}: must be greater than zero")),
        None => problems.add(field, format!("Invalid value: {written:?}: quantities must match a number with a unit")),
    }
}
