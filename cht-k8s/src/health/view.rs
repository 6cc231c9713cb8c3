//! What the watches know of a namespace.

use std::collections::HashMap;

use cht_manifests::Kind;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, PersistentVolumeClaim, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{LiveObject, WatchEvent};

/// What the watches know of a namespace, by name.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) deployments: HashMap<String, Deployment>,
    pub(crate) replica_sets: HashMap<String, ReplicaSet>,
    pub(crate) pods: HashMap<String, Pod>,
    pub(crate) claims: HashMap<String, PersistentVolumeClaim>,
    pub(crate) jobs: HashMap<String, Job>,
    pub(crate) events: HashMap<String, Event>,
    /// How often each container had restarted, and each event had happened, before this run: not its failures.
    before: Before,
    /// Since when each pod has been unschedulable, by this machine's clock: the server's may differ.
    unschedulable_since: HashMap<String, Timestamp>,
}

#[derive(Debug, Default)]
struct Before {
    restarts: HashMap<(String, String), i32>,
    events: HashMap<String, i32>,
}

impl View {
    /// The kinds that a view is made of.
    pub(crate) const KINDS: [Kind; 6] =
        [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::PersistentVolumeClaim, Kind::Job, Kind::Event];

    /// Forgets every object of a kind and takes these instead.
    pub(crate) fn reset(&mut self, kind: Kind, items: Vec<LiveObject>, now: Timestamp) {
        match kind {
            Kind::Deployment => self.deployments.clear(),
            Kind::ReplicaSet => self.replica_sets.clear(),
            Kind::Pod => self.pods.clear(),
            Kind::PersistentVolumeClaim => self.claims.clear(),
            Kind::Job => self.jobs.clear(),
            Kind::Event => self.events.clear(),
            _ => {}
        }
        for item in items {
            self.update(&WatchEvent::Changed(item), now);
        }
    }

    /// Takes in one thing that happened.
    pub(crate) fn update(&mut self, event: &WatchEvent, now: Timestamp) {
        let (object, deleted) = match event {
            WatchEvent::Changed(object) => (object, false),
            WatchEvent::Deleted(object) => (object, true),
            WatchEvent::Bookmark(_) => return,
        };
        match object.kind() {
            Kind::Deployment => set(&mut self.deployments, object, deleted),
            Kind::ReplicaSet => set(&mut self.replica_sets, object, deleted),
            Kind::Pod => {
                set(&mut self.pods, object, deleted);
                self.remember(object.name(), now);
            }
            Kind::PersistentVolumeClaim => set(&mut self.claims, object, deleted),
            Kind::Job => set(&mut self.jobs, object, deleted),
            Kind::Event => set(&mut self.events, object, deleted),
            _ => {}
        }
    }

    fn remember(&mut self, pod: &str, now: Timestamp) {
        let Some(pod) = self.pods.get(pod) else { return };
        let uid = uid(&pod.metadata);
        if super::pod::unschedulable(pod).is_some() {
            self.unschedulable_since.entry(uid.to_owned()).or_insert(now);
        } else {
            self.unschedulable_since.remove(uid);
        }
    }

    /// From here on, what has happened so far belongs to an earlier run.
    pub(crate) fn begin(&mut self) {
        let containers = self.pods.values().flat_map(|pod| {
            let status = pod.status.as_ref();
            let statuses = status.into_iter().flat_map(|status| status.container_statuses.iter().flatten());
            statuses.map(|status| ((uid(&pod.metadata).to_owned(), status.name.clone()), status.restart_count))
        });
        self.before.restarts = containers.collect();
        self.before.events = self.events.iter().map(|(name, event)| (name.clone(), count(event))).collect();
    }

    /// How many of a container's restarts belong to this run.
    pub(crate) fn restarts_in_run(&self, pod: &Pod, container: &ContainerStatus) -> i32 {
        let key = (uid(&pod.metadata).to_owned(), container.name.clone());
        container.restart_count - self.before.restarts.get(&key).copied().unwrap_or(0)
    }

    /// How often an event happened in this run.
    pub(crate) fn count_in_run(&self, event: &Event) -> i32 {
        let name = event.metadata.name.as_deref().unwrap_or_default();
        count(event) - self.before.events.get(name).copied().unwrap_or(0)
    }

    /// Since when a pod has been unschedulable.
    pub(crate) fn unschedulable_since(&self, uid: &str) -> Option<Timestamp> {
        self.unschedulable_since.get(uid).copied()
    }

    /// The pods of a Deployment's current template that are not on their way out.
    pub(crate) fn current_pods(&self, deployment: &Deployment) -> Vec<&Pod> {
        let Some(replica_set) = self.current_replica_set(deployment) else { return Vec::new() };
        let owner = uid(&replica_set.metadata);
        let mut pods: Vec<_> = self
            .pods
            .values()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none() && is_owned_by(&pod.metadata, owner))
            .collect();
        pods.sort_by_key(|pod| &pod.metadata.name);
        pods
    }

    /// The `ReplicaSet` of a Deployment's current template: the one that bears the Deployment's revision.
    pub(crate) fn current_replica_set(&self, deployment: &Deployment) -> Option<&ReplicaSet> {
        let owner = uid(&deployment.metadata);
        let wanted = revision(&deployment.metadata)?;
        self.replica_sets
            .values()
            .find(|set| is_owned_by(&set.metadata, owner) && revision(&set.metadata) == Some(wanted))
    }

    /// The pods of a Job.
    pub(crate) fn job_pods(&self, job: &Job) -> impl Iterator<Item = &Pod> {
        let owner = uid(&job.metadata);
        self.pods.values().filter(move |pod| is_owned_by(&pod.metadata, owner))
    }

    /// The events about an object in this run, oldest first.
    pub(crate) fn events_in_run(&self, uid: &str) -> Vec<&Event> {
        self.events_of(uid).into_iter().filter(|event| self.count_in_run(event) > 0).collect()
    }

    /// The events about an object, oldest first.
    pub(crate) fn events_of(&self, uid: &str) -> Vec<&Event> {
        let mut events: Vec<_> =
            self.events.values().filter(|event| event.involved_object.uid.as_deref() == Some(uid)).collect();
        events.sort_by_key(|event| (event.last_timestamp.as_ref().map(|time| time.0), event.metadata.name.clone()));
        events
    }
}

fn count(event: &Event) -> i32 {
    event.count.or_else(|| event.series.as_ref()?.count).unwrap_or(1)
}

/// What tells an object from an earlier one of the same name.
pub(super) fn uid(metadata: &ObjectMeta) -> &str {
    metadata.uid.as_deref().unwrap_or_default()
}

fn revision(metadata: &ObjectMeta) -> Option<&str> {
    metadata.annotations.as_ref()?.get("deployment.kubernetes.io/revision").map(String::as_str)
}

fn is_owned_by(metadata: &ObjectMeta, uid: &str) -> bool {
    metadata.owner_references.iter().flatten().any(|owner| owner.uid == uid)
}

/// An object that does not have its kind's shape is left out: nothing can be said of it.
fn set<T: DeserializeOwned>(objects: &mut HashMap<String, T>, object: &LiveObject, deleted: bool) {
    match object.decode() {
        Ok(decoded) if !deleted => {
            objects.insert(object.name().to_owned(), decoded);
        }
        _ => {
            objects.remove(object.name());
        }
    }
}
