//! Mounts the volumes of a pod.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use serde_json::Value;

use super::container::{Container, KUBELET};
use super::pauses::RETRY;
use crate::sandbox::agenda::Step;
use crate::sandbox::controllers::notice::claims_of;
use crate::sandbox::events::{self, Report};
use crate::sandbox::json::{items, text};
use crate::sandbox::world::World;

pub(super) fn mount(world: &mut World, container: &Container<'_>) {
    match unmountable(world, &container.id.key, &container.pod) {
        Some(message) => {
            events::record(world, &container.id.key, &Report::warning(KUBELET, "FailedMount", message));
            container.next(world, RETRY, Step::Mount);
        }
        None => container.next(world, Duration::ZERO, Step::Pull { attempt: 0 }),
    }
}

/// Why the volumes of a pod cannot be mounted.
fn unmountable(world: &World, key: &ObjectKey, pod: &Value) -> Option<String> {
    let namespace = key.namespace.as_deref().unwrap_or_default();
    for volume in items(pod, "/spec/volumes") {
        let name = text(volume, "/name").unwrap_or_default();
        for (pointer, kind) in [("/secret/secretName", Kind::Secret), ("/configMap/name", Kind::ConfigMap)] {
            let Some(source) = text(volume, pointer) else { continue };
            let field = pointer.split('/').nth(1).unwrap_or_default();
            let optional = volume.pointer(&format!("/{field}/optional")) == Some(&Value::Bool(true));
            if !optional && world.store.get(&ObjectKey::new(kind, namespace, source)).is_none() {
                return Some(format!(
                    "MountVolume.SetUp failed for volume {name:?} : {} {source:?} not found",
                    kind.as_str().to_lowercase()
                ));
            }
        }
    }
    claims_of(key, pod)
        .into_iter()
        .find(|claim| world.store.get(claim).is_none_or(|claim| text(claim, "/status/phase") != Some("Bound")))
        .map(|claim| format!("persistentvolumeclaim {:?} is not bound", claim.name))
}
