//! The cluster's state, and what everything that happens in it has in common.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::agenda::{Action, Agenda, PodId};
use super::faults::Faults;
use super::json::{self, items, number, text};
use super::managed::{self, Author};
use super::nodes::SandboxNode;
use super::store::{Store, key_of};
use super::{controllers, defaults, naming, schema};

/// How long things take, in the cluster's own time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Durations {
    /// From when a container runs until its readiness probe succeeds.
    pub(crate) ready: Option<Duration>,
}

/// The cluster.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    pub(crate) agenda: Agenda,
    pub(crate) faults: Faults,
    /// Images that some node has pulled already.
    pub(crate) images: BTreeSet<String>,
    /// The nodes, where they were given; otherwise one is made up for each name that a pod asks for.
    pub(crate) nodes: Option<Vec<SandboxNode>>,
    pub(crate) durations: Durations,
    /// How many things were named by number so far.
    pub(crate) serial: u64,
}

impl World {
    /// A cluster as it is before anyone has used it.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            store: Store::new(BTreeMap::new(), 0),
            // Any time will do, as long as it is the same in every run.
            now: Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH),
            agenda: Agenda::default(),
            faults: Faults::default(),
            images: BTreeSet::new(),
            nodes: None,
            durations: Durations { ready: None },
            serial: 0,
        };
        super::seed::plant(&mut world);
        world
    }

    /// The time as objects carry it.
    pub(crate) fn stamp(&self) -> String {
        Timestamp::from_second(self.now.as_second()).unwrap_or(self.now).to_string()
    }

    /// A number that was not used before.
    pub(crate) fn number(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Puts something on the agenda.
    pub(crate) fn later(&mut self, after: Duration, action: Action) {
        let at = self.now.checked_add(after).unwrap_or(Timestamp::MAX);
        self.agenda.add(at, action);
    }

    /// Keeps a new object. Answers with it as it is kept.
    pub(crate) fn create(&mut self, kind: Kind, mut object: Value, manager: &str) -> Value {
        self.identify(kind, &mut object);
        defaults::normalize(&mut object);
        defaults::fill(kind, &mut object);
        let now = self.stamp();
        let author = Author { manager, api_version: &kind.api_version(), now: &now };
        let object = managed::updated(&json!({}), object, schema::of(kind), author);
        self.keep(&key_of(kind, &object), None, object)
    }

    /// Gives a new object what the server gives it.
    pub(crate) fn identify(&mut self, kind: Kind, object: &mut Value) {
        json::set(object, &["apiVersion"], json!(kind.api_version()));
        json::set(object, &["kind"], json!(kind.as_str()));
        let number = self.number();
        json::set(object, &["metadata", "uid"], json!(naming::uid(number)));
        json::set(object, &["metadata", "creationTimestamp"], json!(self.stamp()));
        let finalizer = match kind {
            Kind::PersistentVolumeClaim => "kubernetes.io/pvc-protection",
            Kind::PersistentVolume => "kubernetes.io/pv-protection",
            Kind::Service => {
                self.give_address(object);
                return;
            }
            _ => return,
        };
        let mut finalizers = items(object, "/metadata/finalizers").to_vec();
        if !finalizers.iter().any(|known| known == finalizer) {
            finalizers.push(json!(finalizer));
            json::set(object, &["metadata", "finalizers"], Value::Array(finalizers));
        }
    }

    fn give_address(&mut self, service: &mut Value) {
        if text(service, "/spec/clusterIP").is_none() {
            let number = self.number();
            let address = format!("10.96.{}.{}", number / 254 % 255, number % 254 + 1);
            json::set(service, &["spec", "clusterIP"], json!(address));
        }
        let address = service["spec"]["clusterIP"].clone();
        json::set(service, &["spec", "clusterIPs"], json!([address]));
    }

    /// Changes an object as one of the cluster's own controllers. Answers with it as it is afterwards.
    pub(crate) fn change(&mut self, key: &ObjectKey, manager: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let old = self.store.get(key)?.clone();
        let mut new = old.clone();
        edit(&mut new);
        if new == old {
            return Some(old);
        }
        let now = self.stamp();
        let author = Author { manager, api_version: &key.kind.api_version(), now: &now };
        let new = managed::updated(&old, new, schema::of(key.kind), author);
        Some(self.keep(key, Some(&old), new))
    }

    /// Keeps the new version of an object, unless it was only waiting to be let go.
    pub(crate) fn keep(&mut self, key: &ObjectKey, old: Option<&Value>, mut object: Value) -> Value {
        count_generation(key.kind, old, &mut object);
        let object = self.store.put(key, object);
        let let_go = text(&object, "/metadata/deletionTimestamp").is_some()
            && items(&object, "/metadata/finalizers").is_empty()
            && !matches!(key.kind, Kind::Pod | Kind::Namespace);
        if let_go {
            self.remove(key);
        } else {
            controllers::notice(self, key, &object);
        }
        object
    }

    /// Removes an object at once. What it owned is deleted next.
    pub(crate) fn remove(&mut self, key: &ObjectKey) {
        if let Some(last) = self.store.take(key) {
            if let Some(uid) = text(&last, "/metadata/uid") {
                self.later(controllers::REACTION, Action::Collect { uid: uid.to_owned() });
            }
            controllers::notice(self, key, &last);
        }
    }

    /// Deletes an object as the server does: at once where nothing holds it, otherwise as soon as nothing does.
    pub(crate) fn delete(&mut self, key: &ObjectKey) {
        let Some(object) = self.store.get(key).cloned() else { return };
        if text(&object, "/metadata/deletionTimestamp").is_some() {
            return;
        }
        match key.kind {
            Kind::Pod => self.stop(key, &object),
            Kind::Namespace => {
                self.mark_deleted(key, Duration::ZERO, |namespace| {
                    json::set(namespace, &["status", "phase"], json!("Terminating"));
                });
            }
            _ if items(&object, "/metadata/finalizers").is_empty() => self.remove(key),
            _ => self.mark_deleted(key, Duration::ZERO, |_| {}),
        }
    }

    fn stop(&mut self, key: &ObjectKey, pod: &Value) {
        let grace = number(pod, "/spec/terminationGracePeriodSeconds").unwrap_or(30).max(0).unsigned_abs();
        let over = matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"));
        if grace == 0 || over || text(pod, "/spec/nodeName").is_none() {
            self.remove(key);
            return;
        }
        let grace = Duration::from_secs(grace);
        self.mark_deleted(key, grace, |_| {});
        let uid = text(pod, "/metadata/uid").unwrap_or_default().to_owned();
        let stopped = controllers::kubelet::STOP.min(grace);
        self.later(stopped, Action::Stopped(PodId { key: key.clone(), uid }));
    }

    fn mark_deleted(&mut self, key: &ObjectKey, grace: Duration, also: impl FnOnce(&mut Value)) {
        let at = self.now.checked_add(grace).unwrap_or(Timestamp::MAX);
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at).to_string();
        let Some(old) = self.store.get(key).cloned() else { return };
        let mut object = old.clone();
        json::set(&mut object, &["metadata", "deletionTimestamp"], json!(at));
        if !matches!(key.kind, Kind::Namespace) {
            json::set(&mut object, &["metadata", "deletionGracePeriodSeconds"], json!(grace.as_secs()));
        }
        also(&mut object);
        self.keep(key, Some(&old), object);
    }

    /// The live pod that is meant, if it is still there.
    pub(crate) fn pod(&self, id: &PodId) -> Option<&Value> {
        self.store.get(&id.key).filter(|pod| text(pod, "/metadata/uid") == Some(id.uid.as_str()))
    }

    /// Does the next thing on the agenda, if there is one.
    pub(crate) fn step(&mut self) {
        if let Some((at, action)) = self.agenda.pop() {
            self.now = self.now.max(at);
            controllers::run(self, action);
        }
    }
}

/// Counts the versions of an object's `spec`, for kinds that have such a count.
pub(crate) fn count_generation(kind: Kind, old: Option<&Value>, new: &mut Value) {
    if !matches!(kind, Kind::Deployment | Kind::ReplicaSet | Kind::Ingress) {
        return;
    }
    let generation = old.and_then(|old| number(old, "/metadata/generation")).unwrap_or_default();
    let same = old.is_some_and(|old| old.get("spec") == new.get("spec"));
    let given = number(new, "/metadata/generation").unwrap_or_default();
    let generation = if same { generation.max(given) } else { generation + 1 };
    json::set(new, &["metadata", "generation"], json!(generation));
}

/// The objects of a kind that an object owns, as keys.
pub(crate) fn owned_by(world: &World, kind: Kind, namespace: Option<&str>, uid: &str) -> Vec<ObjectKey> {
    world
        .store
        .list(kind, namespace)
        .filter(|(_, object)| {
            items(object, "/metadata/ownerReferences").iter().any(|owner| text(owner, "/uid") == Some(uid))
        })
        .map(|(key, _)| key.clone())
        .collect()
}

/// The reference to the controller that owns a new object.
pub(crate) fn controlled_by(kind: Kind, owner: &Value) -> Value {
    json!([{
        "apiVersion": kind.api_version(),
        "kind": kind.as_str(),
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": true,
        "blockOwnerDeletion": true,
    }])
}
