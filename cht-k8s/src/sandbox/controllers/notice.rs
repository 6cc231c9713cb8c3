//! Who looks again when something has changed.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use serde_json::Value;

use super::{claim, deployment, garbage, job, kubelet, namespace, replica_set, scheduler, volume};
use crate::sandbox::agenda::{Action, PodId};
use crate::sandbox::json::{items, text};
use crate::sandbox::world::World;

/// From a change until a controller has seen it.
pub(crate) const REACTION: Duration = Duration::from_millis(10);

/// Does what is due.
pub(crate) fn run(world: &mut World, action: Action) {
    match action {
        Action::Reconcile(key) => match key.kind {
            Kind::Deployment => deployment::reconcile(world, &key),
            Kind::ReplicaSet => replica_set::reconcile(world, &key),
            Kind::Job => job::reconcile(world, &key),
            Kind::PersistentVolumeClaim => claim::reconcile(world, &key),
            Kind::PersistentVolume => volume::reconcile(world, &key),
            Kind::Namespace => namespace::reconcile(world, &key),
            _ => {}
        },
        Action::Collect { uid } => garbage::collect(world, &uid),
        Action::Schedule(pod) => scheduler::schedule(world, &pod),
        Action::Container { pod, container, step } => kubelet::container(world, &pod, &container, step),
        Action::Stopped(pod) => kubelet::stopped(world, &pod),
        Action::Provisioned { claim, node } => claim::provisioned(world, &claim, &node),
    }
}

/// Lets everyone look again whom the change of an object concerns. The object may be gone.
pub(crate) fn notice(world: &mut World, key: &ObjectKey, object: &Value) {
    let exists = world.store.get(key).is_some();
    match key.kind {
        Kind::Deployment | Kind::Job | Kind::Namespace => look(world, key.clone()),
        Kind::ReplicaSet => {
            look(world, key.clone());
            look_at_owner(world, key, object);
        }
        Kind::Pod => {
            look_at_owner(world, key, object);
            if !exists {
                for claim in claims_of(key, object) {
                    look(world, claim);
                }
                // A Deployment may wait for its last old pod, which its ReplicaSet has long ceased to count.
                let set = items(object, "/metadata/ownerReferences").iter().find_map(|owner| text(owner, "/name"));
                let set = ObjectKey::new(
                    Kind::ReplicaSet,
                    key.namespace.as_deref().unwrap_or_default(),
                    set.unwrap_or_default(),
                );
                if let Some(object) = world.store.get(&set).cloned() {
                    look_at_owner(world, &set, &object);
                }
            }
        }
        Kind::PersistentVolumeClaim => {
            look(world, key.clone());
            if let Some(volume) = text(object, "/spec/volumeName") {
                look(world, ObjectKey::new(Kind::PersistentVolume, "", volume));
            }
            schedule_waiting(world);
        }
        Kind::PersistentVolume => {
            look(world, key.clone());
            let claims: Vec<_> =
                world.store.list(Kind::PersistentVolumeClaim, None).map(|(key, _)| key.clone()).collect();
            for claim in claims {
                look(world, claim);
            }
            schedule_waiting(world);
        }
        Kind::Node => schedule_waiting(world),
        _ => {}
    }
    if !exists && let Some(name) = &key.namespace {
        let namespace = ObjectKey::new(Kind::Namespace, "", name);
        let terminating = world
            .store
            .get(&namespace)
            .is_some_and(|namespace| text(namespace, "/metadata/deletionTimestamp").is_some());
        if terminating {
            look(world, namespace);
        }
    }
}

fn look(world: &mut World, key: ObjectKey) {
    world.later(REACTION, Action::Reconcile(key));
}

fn look_at_owner(world: &mut World, key: &ObjectKey, object: &Value) {
    for owner in items(object, "/metadata/ownerReferences") {
        let kind = match text(owner, "/kind") {
            Some("Deployment") => Kind::Deployment,
            Some("ReplicaSet") => Kind::ReplicaSet,
            Some("Job") => Kind::Job,
            _ => continue,
        };
        let name = text(owner, "/name").unwrap_or_default();
        look(world, ObjectKey::new(kind, key.namespace.as_deref().unwrap_or_default(), name));
    }
}

/// The claims that a pod uses.
pub(crate) fn claims_of(pod: &ObjectKey, object: &Value) -> Vec<ObjectKey> {
    items(object, "/spec/volumes")
        .iter()
        .filter_map(|volume| text(volume, "/persistentVolumeClaim/claimName"))
        .map(|claim| ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace.as_deref().unwrap_or_default(), claim))
        .collect()
}

/// Lets the scheduler look again at every pod that has no node.
fn schedule_waiting(world: &mut World) {
    let waiting: Vec<_> = world
        .store
        .list(Kind::Pod, None)
        .filter(|(_, pod)| text(pod, "/spec/nodeName").is_none())
        .map(|(key, pod)| PodId { key: key.clone(), uid: text(pod, "/metadata/uid").unwrap_or_default().to_owned() })
        .collect();
    for pod in waiting {
        world.later(scheduler::SCHEDULE, Action::Schedule(pod));
    }
}
