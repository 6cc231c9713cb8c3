//! Volumes: free, bound, released; and binding them to claims.

use cht_manifests::{Kind, ObjectKey};
use serde_json::{Value, json};

use super::MANAGER;
use crate::sandbox::json::{self, items, text};
use crate::sandbox::quantity;
use crate::sandbox::world::World;

const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(volume) = world.store.get(key).cloned() else { return };
    let bound_to = text(&volume, "/spec/claimRef/uid");
    let claim = claim_of(&volume).and_then(|claim| world.store.get(&claim));
    let held = bound_to.is_some() && claim.and_then(|claim| text(claim, "/metadata/uid")) == bound_to;
    if bound_to.is_some() && !held {
        if text(&volume, "/spec/persistentVolumeReclaimPolicy") == Some("Delete") {
            set_phase(world, key, "Released");
            world.delete(key);
        } else {
            set_phase(world, key, "Released");
        }
    } else if bound_to.is_none() {
        set_phase(world, key, "Available");
    }
    let Some(volume) = world.store.get(key) else { return };
    if text(volume, "/metadata/deletionTimestamp").is_some() && !held {
        world.change(key, MANAGER, |volume| release(volume, "kubernetes.io/pv-protection"));
    }
}

fn set_phase(world: &mut World, key: &ObjectKey, phase: &str) {
    world.change(key, MANAGER, |volume| json::set(volume, &["status", "phase"], json!(phase)));
}

/// Takes a finalizer away.
pub(super) fn release(object: &mut Value, finalizer: &str) {
    let mut left = items(object, "/metadata/finalizers").to_vec();
    left.retain(|name| name != finalizer);
    if left.is_empty() {
        json::remove(object, &["metadata", "finalizers"]);
    } else {
        json::set(object, &["metadata", "finalizers"], Value::Array(left));
    }
}

/// The claim that a volume is bound to, or kept for.
fn claim_of(volume: &Value) -> Option<ObjectKey> {
    Some(ObjectKey::new(
        Kind::PersistentVolumeClaim,
        text(volume, "/spec/claimRef/namespace")?,
        text(volume, "/spec/claimRef/name")?,
    ))
}

/// Why a volume does not suit a claim.
pub(super) fn mismatch(volume: &Value, claim_key: &ObjectKey, claim: &Value) -> Option<String> {
    let class = |object: &Value| text(object, "/spec/storageClassName").unwrap_or_default().to_owned();
    let size = |object: &Value, pointer: &str| text(object, pointer).and_then(quantity::bytes).unwrap_or_default();
    let uid = text(claim, "/metadata/uid");
    let taken = match claim_of(volume) {
        None => false,
        Some(other) => other != *claim_key || text(volume, "/spec/claimRef/uid").is_some_and(|held| Some(held) != uid),
    };
    if taken {
        return Some("volume already bound to a different claim.".to_owned());
    }
    if text(volume, "/metadata/deletionTimestamp").is_some() {
        return Some("volume is being deleted".to_owned());
    }
    if class(volume) != class(claim) {
        return Some("storageClassName does not match".to_owned());
    }
    if size(volume, "/spec/capacity/storage") < size(claim, "/spec/resources/requests/storage") {
        return Some("requested PV is too small".to_owned());
    }
    if text(volume, "/spec/volumeMode") != text(claim, "/spec/volumeMode") {
        return Some("incompatible volumeMode".to_owned());
    }
    let modes = items(volume, "/spec/accessModes");
    if items(claim, "/spec/accessModes").iter().any(|mode| !modes.contains(mode)) {
        return Some("incompatible accessMode".to_owned());
    }
    None
}

/// The volume that suits a claim best: one that is kept for it, else the smallest. `fits` may rule some out.
pub(super) fn best(
    world: &World,
    claim_key: &ObjectKey,
    claim: &Value,
    fits: impl Fn(&Value) -> bool,
) -> Option<ObjectKey> {
    world
        .store
        .list(Kind::PersistentVolume, None)
        .filter(|(_, volume)| text(volume, "/spec/claimRef/uid").is_none())
        .filter(|(_, volume)| mismatch(volume, claim_key, claim).is_none() && fits(volume))
        .min_by_key(|(_, volume)| {
            let size = text(volume, "/spec/capacity/storage").and_then(quantity::bytes);
            (claim_of(volume).is_none(), size)
        })
        .map(|(key, _)| key.clone())
}

/// Whether a volume is kept for one claim.
pub(super) fn is_reserved(volume: &Value) -> bool {
    claim_of(volume).is_some()
}

/// Binds a volume and a claim to each other.
pub(super) fn bind(world: &mut World, volume_key: &ObjectKey, claim_key: &ObjectKey) {
    let (Some(volume), Some(claim)) = (world.store.get(volume_key).cloned(), world.store.get(claim_key).cloned())
    else {
        return;
    };
    let reference = json!({
        "kind": Kind::PersistentVolumeClaim.as_str(),
        "apiVersion": Kind::PersistentVolumeClaim.api_version(),
        "namespace": claim_key.namespace,
        "name": claim_key.name,
        "uid": claim["metadata"]["uid"],
        "resourceVersion": claim["metadata"]["resourceVersion"],
    });
    world.change(volume_key, MANAGER, |volume| {
        if !is_reserved(volume) {
            json::set(volume, &["metadata", "annotations", BOUND_BY_CONTROLLER], json!("yes"));
        }
        json::set(volume, &["spec", "claimRef"], reference);
        json::set(volume, &["status", "phase"], json!("Bound"));
    });
    world.change(claim_key, MANAGER, |claim| {
        if text(claim, "/spec/volumeName").is_none() {
            json::set(claim, &["spec", "volumeName"], json!(volume_key.name));
            json::set(claim, &["metadata", "annotations", BOUND_BY_CONTROLLER], json!("yes"));
        }
        json::set(claim, &["metadata", "annotations", "pv.kubernetes.io/bind-completed"], json!("yes"));
        let status = json!({
            "phase": "Bound",
            "accessModes": volume["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        });
        json::set(claim, &["status"], status);
    });
}
