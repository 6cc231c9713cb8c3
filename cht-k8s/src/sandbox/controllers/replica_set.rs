//! Keeps as many pods of one template as there shall be.

use cht_manifests::{Kind, ObjectKey};
use serde_json::{Value, json};

use super::{MANAGER, conditions, scheduler};
use crate::sandbox::agenda::{Action, PodId};
use crate::sandbox::json::{self, number, text};
use crate::sandbox::naming;
use crate::sandbox::world::{World, controlled_by, owned_by};

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(set) = world.store.get(key).cloned() else { return };
    if text(&set, "/metadata/deletionTimestamp").is_some() {
        return;
    }
    let wanted = usize::try_from(number(&set, "/spec/replicas").unwrap_or(1)).unwrap_or_default();
    let mut pods = active_pods(world, key, &set);
    for _ in pods.len()..wanted {
        create_pod(world, Kind::ReplicaSet, key, &set);
    }
    if pods.len() > wanted {
        // Those that serve nobody go first, and of them the youngest.
        pods.sort_by_key(|pod| {
            let found = world.store.get(pod);
            (
                found.is_some_and(is_ready),
                found.and_then(|pod| text(pod, "/metadata/creationTimestamp")).map(str::to_owned),
            )
        });
        let surplus = pods.len() - wanted;
        for pod in pods.into_iter().take(surplus) {
            world.delete(&pod);
        }
    }
    write_status(world, key, &set);
}

fn write_status(world: &mut World, key: &ObjectKey, set: &Value) {
    let pods = active_pods(world, key, set);
    let ready = pods.iter().filter(|pod| world.store.get(pod).is_some_and(is_ready)).count();
    let mut status = json!({"replicas": pods.len(), "observedGeneration": set["metadata"]["generation"]});
    if !pods.is_empty() {
        status["fullyLabeledReplicas"] = json!(pods.len());
    }
    if ready > 0 {
        status["readyReplicas"] = json!(ready);
        status["availableReplicas"] = json!(ready);
    }
    world.change(key, MANAGER, |set| json::set(set, &["status"], status));
}

/// The pods of an owner that are neither over nor on their way out.
pub(super) fn active_pods(world: &World, key: &ObjectKey, owner: &Value) -> Vec<ObjectKey> {
    let uid = text(owner, "/metadata/uid").unwrap_or_default();
    owned_by(world, Kind::Pod, key.namespace.as_deref(), uid)
        .into_iter()
        .filter(|pod| world.store.get(pod).is_some_and(is_active))
        .collect()
}

fn is_active(pod: &Value) -> bool {
    text(pod, "/metadata/deletionTimestamp").is_none()
        && !matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"))
}

/// Whether a pod serves.
fn is_ready(pod: &Value) -> bool {
    conditions::holds(pod, "Ready")
}

/// Makes a pod of its owner's template.
pub(super) fn create_pod(world: &mut World, kind: Kind, owner_key: &ObjectKey, owner: &Value) {
    let namespace = owner_key.namespace.as_deref().unwrap_or_default();
    let leaving = world
        .store
        .get(&ObjectKey::new(Kind::Namespace, "", namespace))
        .is_none_or(|namespace| text(namespace, "/metadata/deletionTimestamp").is_some());
    if leaving {
        return;
    }
    let number = world.number();
    let name = format!("{}-{}", owner_key.name, naming::letters(&format!("{} {number}", owner_key.name), 5));
    let template = owner.pointer("/spec/template").cloned().unwrap_or_default();
    let mut pod = json!({
        "metadata": {
            "name": name,
            "generateName": format!("{}-", owner_key.name),
            "namespace": namespace,
            "ownerReferences": controlled_by(kind, owner),
        },
        "spec": template.get("spec").cloned().unwrap_or_default(),
        "status": {"phase": "Pending", "qosClass": "Burstable"},
    });
    for field in ["labels", "annotations"] {
        if let Some(value) = template.pointer(&format!("/metadata/{field}")) {
            pod["metadata"][field] = value.clone();
        }
    }
    json::default(&mut pod["spec"], "serviceAccountName", "default");
    let pod = world.create(Kind::Pod, pod, MANAGER);
    let uid = text(&pod, "/metadata/uid").unwrap_or_default().to_owned();
    let key = ObjectKey::new(Kind::Pod, namespace, &name);
    world.later(scheduler::SCHEDULE, Action::Schedule(PodId { key, uid }));
}
