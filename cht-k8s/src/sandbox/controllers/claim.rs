//! Binds claims to volumes: given ones, or made by a provisioner.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use serde_json::{Value, json};

use super::notice::claims_of;
use super::{MANAGER, volume};
use crate::sandbox::agenda::Action;
use crate::sandbox::events::{self, Report};
use crate::sandbox::json::{self, text};
use crate::sandbox::quantity;
use crate::sandbox::seed::NO_PROVISIONER;
use crate::sandbox::world::World;

const CONTROLLER: &str = "persistentvolume-controller";

/// How long a provisioner takes.
const PROVISION: Duration = Duration::from_millis(500);

/// After what time a claim without a volume is looked at again.
const RETRY: Duration = Duration::from_secs(15);

/// The annotation that names the node where the pod of a claim is to run.
pub(super) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(claim) = world.store.get(key).cloned() else { return };
    if text(&claim, "/metadata/deletionTimestamp").is_some() {
        let used = world.store.list(Kind::Pod, key.namespace.as_deref()).any(|(pod, object)| {
            !matches!(text(object, "/status/phase"), Some("Succeeded" | "Failed"))
                && claims_of(pod, object).contains(key)
        });
        if !used {
            world.change(key, MANAGER, |claim| volume::release(claim, "kubernetes.io/pvc-protection"));
        }
        return;
    }
    match text(&claim, "/status/phase") {
        Some("Bound") => keep_bound(world, key, &claim),
        Some("Lost") => {}
        _ => find_volume(world, key, &claim),
    }
}

/// A bound claim can lose its volume, and it can grow.
fn keep_bound(world: &mut World, key: &ObjectKey, claim: &Value) {
    let name = text(claim, "/spec/volumeName").unwrap_or_default();
    let volume_key = ObjectKey::new(Kind::PersistentVolume, "", name);
    if world.store.get(&volume_key).is_none() {
        world.change(key, MANAGER, |claim| json::set(claim, &["status"], json!({"phase": "Lost"})));
        let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
        events::record(world, key, &Report::warning(CONTROLLER, "ClaimLost", message));
        return;
    }
    let wanted = text(claim, "/spec/resources/requests/storage").unwrap_or_default();
    let size = |text: &str| quantity::bytes(text).unwrap_or_default();
    if size(wanted) > text(claim, "/status/capacity/storage").map(size).unwrap_or_default() {
        let wanted = json!(wanted);
        world.change(&volume_key, "csi-resizer", |volume| {
            json::set(volume, &["spec", "capacity", "storage"], wanted.clone());
        });
        world.change(key, "csi-resizer", |claim| json::set(claim, &["status", "capacity", "storage"], wanted));
    }
}

fn find_volume(world: &mut World, key: &ObjectKey, claim: &Value) {
    if world.faults.claim_pending(key) {
        let class = text(claim, "/spec/storageClassName").unwrap_or_default();
        let message = format!("failed to provision volume with StorageClass {class:?}: no storage left");
        events::record(world, key, &Report::warning(CONTROLLER, "ProvisioningFailed", message));
        world.later(RETRY, Action::Reconcile(key.clone()));
        return;
    }
    if let Some(name) = text(claim, "/spec/volumeName") {
        bind_named(world, key, claim, name);
        return;
    }
    let binding = binding_of(world, claim);
    // A volume that is kept for the claim needs no pod to be bound.
    let waits = binding == Binding::WithPod;
    if let Some(volume) = volume::best(world, key, claim, |volume| !waits || volume::is_reserved(volume)) {
        volume::bind(world, &volume, key);
        return;
    }
    let selected = json::texts(claim, "/metadata/annotations")
        .find(|(name, _)| *name == SELECTED_NODE)
        .map(|(_, node)| node.to_owned());
    let report = match (binding, selected) {
        (Binding::NoClass(class), _) if class.is_empty() => Report::normal(
            CONTROLLER,
            "FailedBinding",
            "no persistent volumes available for this claim and no storage class is set",
        ),
        (Binding::NoClass(class), _) => Report::warning(
            CONTROLLER,
            "ProvisioningFailed",
            format!("storageclass.storage.k8s.io {class:?} not found"),
        ),
        (Binding::WithPod, None) => Report::normal(
            CONTROLLER,
            "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding",
        ),
        (Binding::AtOnce | Binding::WithPod, node) => {
            let provisioner = provisioner_of(world, claim);
            if provisioner == NO_PROVISIONER {
                Report::normal(
                    CONTROLLER,
                    "ExternalProvisioning",
                    format!(
                        "waiting for a volume to be created, either by external provisioner {provisioner:?} or \
                         manually created by system administrator"
                    ),
                )
            } else {
                let node = node.unwrap_or_default();
                let planned = world
                    .agenda
                    .iter()
                    .any(|(_, action)| matches!(action, Action::Provisioned { claim, .. } if claim == key));
                if !planned {
                    world.later(PROVISION, Action::Provisioned { claim: key.clone(), node });
                }
                return;
            }
        }
    };
    let known = events::exists(world, key, &report);
    if !known {
        events::record(world, key, &report);
    }
}

fn bind_named(world: &mut World, key: &ObjectKey, claim: &Value, name: &str) {
    let volume_key = ObjectKey::new(Kind::PersistentVolume, "", name);
    // A volume that is not there yet may come.
    let Some(found) = world.store.get(&volume_key) else { return };
    match volume::mismatch(found, key, claim) {
        None => volume::bind(world, &volume_key, key),
        Some(why) => {
            let report = if why.starts_with("volume already") {
                Report::warning(CONTROLLER, "FailedBinding", why)
            } else {
                Report::warning(
                    CONTROLLER,
                    "VolumeMismatch",
                    format!("Cannot bind to requested volume {name:?}: {why}"),
                )
            };
            if !events::exists(world, key, &report) {
                events::record(world, key, &report);
            }
        }
    }
}

/// When a claim is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Binding {
    /// Its class is not there: only a volume of the same class will do.
    NoClass(String),
    /// As soon as there is a volume.
    AtOnce,
    /// When a pod that uses it is given a node.
    WithPod,
}

pub(super) fn binding_of(world: &World, claim: &Value) -> Binding {
    let name = text(claim, "/spec/storageClassName").unwrap_or_default();
    match world.store.get(&ObjectKey::new(Kind::StorageClass, "", name)) {
        None => Binding::NoClass(name.to_owned()),
        Some(class) if text(class, "/volumeBindingMode") == Some("WaitForFirstConsumer") => Binding::WithPod,
        Some(_) => Binding::AtOnce,
    }
}

pub(super) fn provisioner_of(world: &World, claim: &Value) -> String {
    let name = text(claim, "/spec/storageClassName").unwrap_or_default();
    world
        .store
        .get(&ObjectKey::new(Kind::StorageClass, "", name))
        .and_then(|class| text(class, "/provisioner"))
        .unwrap_or(NO_PROVISIONER)
        .to_owned()
}

/// A provisioner has made a volume for a claim.
pub(super) fn provisioned(world: &mut World, key: &ObjectKey, node: &str) {
    let Some(claim) = world.store.get(key).cloned() else { return };
    if text(&claim, "/status/phase") != Some("Pending") || world.faults.claim_pending(key) {
        return;
    }
    let provisioner = provisioner_of(world, &claim);
    let name = format!("pvc-{}", text(&claim, "/metadata/uid").unwrap_or_default());
    let mut spec = json!({
        "accessModes": claim["spec"]["accessModes"],
        "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        "storageClassName": claim["spec"]["storageClassName"],
        "persistentVolumeReclaimPolicy": "Delete",
        "claimRef": {
            "kind": Kind::PersistentVolumeClaim.as_str(),
            "namespace": key.namespace,
            "name": key.name,
            "uid": claim["metadata"]["uid"],
        },
    });
    if provisioner == "rancher.io/local-path" {
        // Such a volume is a folder of one machine.
        let namespace = key.namespace.as_deref().unwrap_or_default();
        spec["hostPath"] = json!({
            "path": format!("/var/lib/rancher/k3s/storage/{name}_{namespace}_{}", key.name),
            "type": "DirectoryOrCreate",
        });
        spec["nodeAffinity"] = json!({"required": {"nodeSelectorTerms": [{"matchExpressions": [
            {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]},
        ]}]}});
    } else {
        spec["csi"] = json!({"driver": provisioner, "volumeHandle": name});
    }
    let metadata = json!({"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": provisioner}});
    world.create(Kind::PersistentVolume, json!({"metadata": metadata, "spec": spec}), &provisioner);
    let message = format!("Successfully provisioned volume {name}");
    events::record(world, key, &Report::normal(&provisioner, "ProvisioningSucceeded", message));
    volume::bind(world, &ObjectKey::new(Kind::PersistentVolume, "", &name), key);
}
