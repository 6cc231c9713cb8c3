//! One container of a pod, and what all steps do with it.

use std::time::Duration;

use serde_json::{Value, json};

use super::pod;
use crate::sandbox::agenda::{Action, PodId, Step};
use crate::sandbox::events::{self, Report};
use crate::sandbox::json::{items, items_mut, number, text};
use crate::sandbox::world::World;

/// The name under which kubelets write.
pub(super) const KUBELET: &str = "kubelet";

/// Plans the next step of a container.
pub(super) fn next(world: &mut World, id: &PodId, container: &str, after: Duration, step: Step) {
    world.later(after, Action::Container { pod: id.clone(), container: container.to_owned(), step });
}

/// Everything about one container that the steps need.
pub(super) struct Container<'a> {
    pub(super) id: &'a PodId,
    pub(super) name: &'a str,
    pub(super) spec: Value,
    pub(super) status: Value,
    pub(super) is_init: bool,
    pub(super) restarts: bool,
    pub(super) pod: Value,
}

impl<'a> Container<'a> {
    pub(super) fn find(world: &World, id: &'a PodId, name: &'a str) -> Option<Self> {
        let pod = world.pod(id)?.clone();
        if text(&pod, "/metadata/deletionTimestamp").is_some() {
            return None;
        }
        let named = |list: &str| items(&pod, list).iter().find(|item| text(item, "/name") == Some(name)).cloned();
        let (spec, is_init) = match named("/spec/containers") {
            Some(spec) => (spec, false),
            None => (named("/spec/initContainers")?, true),
        };
        let list = if is_init { "/status/initContainerStatuses" } else { "/status/containerStatuses" };
        let status = named(list)?;
        let restarts = text(&pod, "/spec/restartPolicy") != Some("Never");
        Some(Self { id, name, spec, status, is_init, restarts, pod })
    }

    /// Whether the process is meant to end.
    pub(super) fn is_task(&self) -> bool {
        self.is_init || text(&self.pod, "/spec/restartPolicy") != Some("Always")
    }

    pub(super) fn has_probe(&self) -> bool {
        self.spec.get("readinessProbe").is_some()
    }

    pub(super) fn namespace(&self) -> &str {
        self.id.key.namespace.as_deref().unwrap_or_default()
    }

    pub(super) fn restart_count(&self) -> i64 {
        number(&self.status, "/restartCount").unwrap_or_default()
    }

    pub(super) fn next(&self, world: &mut World, after: Duration, step: Step) {
        next(world, self.id, self.name, after, step);
    }

    pub(super) fn normal(&self, world: &mut World, reason: &str, message: impl Into<String>) {
        events::record(world, &self.id.key, &Report::normal(KUBELET, reason, message).of(self.name));
    }

    pub(super) fn warn(&self, world: &mut World, reason: &str, message: impl Into<String>) {
        events::record(world, &self.id.key, &Report::warning(KUBELET, reason, message).of(self.name));
    }

    /// Changes the container's status, and what follows from it for the pod.
    pub(super) fn update(&self, world: &mut World, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let list = if self.is_init { "/status/initContainerStatuses" } else { "/status/containerStatuses" };
        let now = world.stamp();
        world.change(&self.id.key, KUBELET, |pod| {
            let status = items_mut(pod, list).iter_mut().find(|status| text(status, "/name") == Some(self.name));
            if let Some(status) = status {
                edit(status);
            }
            pod::refresh(pod, &now);
        })
    }

    pub(super) fn wait(&self, world: &mut World, reason: &str, message: &str) {
        self.update(world, |status| {
            status["state"] = json!({"waiting": {"reason": reason, "message": message}});
        });
    }
}
