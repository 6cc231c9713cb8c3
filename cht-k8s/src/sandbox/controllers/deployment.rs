//! Rolls Deployments out: one `ReplicaSet` for each template, scaled up and down as the strategy says.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::{MANAGER, conditions};
use crate::sandbox::agenda::Action;
use crate::sandbox::events::{self, Report};
use crate::sandbox::json::{self, items_mut, number, text};
use crate::sandbox::naming;
use crate::sandbox::world::{World, controlled_by, owned_by};

const CONTROLLER: &str = "deployment-controller";
const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(deployment) = world.store.get(key).cloned() else { return };
    if text(&deployment, "/metadata/deletionTimestamp").is_some() {
        return;
    }
    let mut rollout = Rollout::of(world, key, &deployment);
    if rollout.strategy.is_some() {
        rollout.roll(world);
    } else {
        rollout.recreate(world);
    }
    rollout.clean_up(world);
    rollout.write_status(world);
}

/// How many pods there may be beside the wanted ones, and how many of those may be missing.
#[derive(Debug, Clone, Copy)]
struct Rolling {
    surge: i64,
    unavailable: i64,
}

struct Rollout<'a> {
    key: &'a ObjectKey,
    deployment: &'a Value,
    replicas: i64,
    /// None is `Recreate`.
    strategy: Option<Rolling>,
    hash: String,
    new: Option<ObjectKey>,
    old: Vec<ObjectKey>,
}

impl<'a> Rollout<'a> {
    fn of(world: &World, key: &'a ObjectKey, deployment: &'a Value) -> Self {
        let replicas = number(deployment, "/spec/replicas").unwrap_or(1);
        let template = deployment.pointer("/spec/template").unwrap_or(&Value::Null);
        let hash = naming::letters(&template.to_string(), 10);
        let uid = text(deployment, "/metadata/uid").unwrap_or_default();
        let sets = owned_by(world, Kind::ReplicaSet, key.namespace.as_deref(), uid);
        let (new, old): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| {
            world
                .store
                .get(set)
                .is_some_and(|set| json::texts(set, "/metadata/labels").any(|label| label == (HASH, hash.as_str())))
        });
        Self {
            key,
            deployment,
            replicas,
            strategy: rolling(deployment, replicas),
            hash,
            new: new.into_iter().next(),
            old,
        }
    }

    fn recreate(&mut self, world: &mut World) {
        for set in self.old.clone() {
            scale(world, self.key, &set, 0);
        }
        let uid_of = |set: &Value| text(set, "/metadata/uid").map(str::to_owned);
        let lingering = self.old.iter().filter_map(|set| world.store.get(set)).filter_map(uid_of).any(|uid| {
            owned_by(world, Kind::Pod, self.key.namespace.as_deref(), &uid).iter().any(|pod| {
                world
                    .store
                    .get(pod)
                    .is_some_and(|pod| !matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed")))
            })
        });
        if !lingering {
            let new = self.ensure_new(world, self.replicas);
            scale(world, self.key, &new, self.replicas);
        }
    }

    fn roll(&mut self, world: &mut World) {
        let Some(Rolling { surge, unavailable }) = self.strategy else { return };
        let total = |world: &World, sets: &[ObjectKey], pointer: &str| -> i64 {
            sets.iter().filter_map(|set| number(world.store.get(set)?, pointer)).sum()
        };
        let room = (self.replicas + surge - total(world, &self.sets(), "/spec/replicas")).max(0);
        let new = self.ensure_new(world, room.min(self.replicas));
        let one = std::slice::from_ref(&new);
        let current = total(world, one, "/spec/replicas");
        if current > self.replicas {
            scale(world, self.key, &new, self.replicas);
        } else {
            let room = (self.replicas + surge - total(world, &self.sets(), "/spec/replicas")).max(0);
            scale(world, self.key, &new, (current + room).min(self.replicas));
        }

        let (old, all) = (self.old.clone(), self.sets());
        let least = self.replicas - unavailable;
        let missing_new = (total(world, one, "/spec/replicas") - total(world, one, "/status/availableReplicas")).max(0);
        let mut may_go = total(world, &all, "/spec/replicas") - least - missing_new;
        if may_go <= 0 {
            return;
        }
        // First those that serve nobody, then as many of the others as can be spared.
        for set in &old {
            let has = total(world, std::slice::from_ref(set), "/spec/replicas");
            let idle = (has - total(world, std::slice::from_ref(set), "/status/availableReplicas")).min(may_go).max(0);
            scale(world, self.key, set, has - idle);
            may_go -= idle;
        }
        let mut spare = total(world, &all, "/status/availableReplicas") - least;
        for set in &old {
            let has = total(world, std::slice::from_ref(set), "/spec/replicas");
            let go = has.min(spare).max(0);
            scale(world, self.key, set, has - go);
            spare -= go;
        }
    }

    fn sets(&self) -> Vec<ObjectKey> {
        self.new.iter().chain(&self.old).cloned().collect()
    }

    /// The set of the current template, made where there is none, and marked as the latest revision.
    fn ensure_new(&mut self, world: &mut World, replicas: i64) -> ObjectKey {
        let revision_of = |set: &Value| {
            json::texts(set, "/metadata/annotations")
                .find(|(name, _)| *name == REVISION)
                .and_then(|(_, revision)| revision.parse::<u64>().ok())
                .unwrap_or_default()
        };
        let latest = self.old.iter().filter_map(|set| world.store.get(set)).map(revision_of).max().unwrap_or_default();
        let key = match self.new.clone() {
            Some(key) => key,
            None => self.create_new(world, replicas, latest + 1),
        };
        let mut revision = world.store.get(&key).map(revision_of).unwrap_or_default();
        if revision <= latest {
            revision = latest + 1;
            world.change(&key, MANAGER, |set| {
                json::set(set, &["metadata", "annotations", REVISION], json!(revision.to_string()));
            });
        }
        world.change(self.key, MANAGER, |deployment| {
            json::set(deployment, &["metadata", "annotations", REVISION], json!(revision.to_string()));
        });
        key
    }

    fn create_new(&mut self, world: &mut World, replicas: i64, revision: u64) -> ObjectKey {
        let namespace = self.key.namespace.as_deref().unwrap_or_default();
        let name = format!("{}-{}", self.key.name, self.hash);
        let key = ObjectKey::new(Kind::ReplicaSet, namespace, &name);
        let mut template = self.deployment.pointer("/spec/template").cloned().unwrap_or_default();
        json::set(&mut template, &["metadata", "labels", HASH], json!(self.hash));
        let mut selector = self.deployment.pointer("/spec/selector").cloned().unwrap_or_default();
        json::set(&mut selector, &["matchLabels", HASH], json!(self.hash));
        world.create(
            Kind::ReplicaSet,
            json!({
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "labels": template["metadata"]["labels"],
                    "annotations": {REVISION: revision.to_string()},
                    "ownerReferences": controlled_by(Kind::Deployment, self.deployment),
                },
                "spec": {"replicas": replicas, "selector": selector, "template": template},
                "status": {"replicas": 0},
            }),
            MANAGER,
        );
        self.new = Some(key.clone());
        let now = world.stamp();
        let message = format!("Created new replica set {name:?}");
        world.change(self.key, MANAGER, |deployment| {
            set_condition(deployment, "Progressing", true, "NewReplicaSetCreated", &message, &now);
        });
        if replicas > 0 {
            let message = format!("Scaled up replica set {name} to {replicas}");
            events::record(world, self.key, &Report::normal(CONTROLLER, "ScalingReplicaSet", message));
        }
        key
    }

    /// Deletes old sets beyond those that are kept to go back to.
    fn clean_up(&mut self, world: &mut World) {
        let limit = number(self.deployment, "/spec/revisionHistoryLimit").unwrap_or(10);
        let mut empty: Vec<_> = self
            .old
            .iter()
            .filter(|set| {
                world.store.get(set).is_some_and(|set| {
                    number(set, "/spec/replicas") == Some(0) && number(set, "/status/replicas") == Some(0)
                })
            })
            .cloned()
            .collect();
        empty.sort_by_key(|set| {
            world.store.get(set).and_then(|set| text(set, "/metadata/creationTimestamp")).map(str::to_owned)
        });
        let surplus = empty.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        for set in empty.into_iter().take(surplus) {
            world.delete(&set);
            self.old.retain(|old| *old != set);
        }
    }

    fn write_status(&self, world: &mut World) {
        let sum = |sets: &[ObjectKey], pointer: &str| -> i64 {
            sets.iter().filter_map(|set| number(world.store.get(set)?, pointer)).sum()
        };
        let all = self.sets();
        let new: Vec<_> = self.new.iter().cloned().collect();
        let replicas = sum(&all, "/status/replicas");
        let available = sum(&all, "/status/availableReplicas");
        let counts = [
            ("replicas", replicas),
            ("updatedReplicas", sum(&new, "/status/replicas")),
            ("readyReplicas", sum(&all, "/status/readyReplicas")),
            ("availableReplicas", available),
            ("unavailableReplicas", (sum(&all, "/spec/replicas") - available).max(0)),
        ];
        let Some(live) = world.store.get(self.key).cloned() else { return };
        let mut status = json!({"observedGeneration": self.deployment["metadata"]["generation"]});
        for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            status[name] = json!(count);
        }
        let before = live.get("status").cloned().unwrap_or_default();
        status["conditions"] = before.get("conditions").cloned().unwrap_or_else(|| json!([]));

        let now = world.stamp();
        let mut after = live.clone();
        json::set(&mut after, &["status"], status);
        let least = self.replicas - self.strategy.map_or(0, |rolling| rolling.unavailable);
        if available >= least {
            let message = "Deployment has minimum availability.";
            set_condition(&mut after, "Available", true, "MinimumReplicasAvailable", message, &now);
        } else {
            let message = "Deployment does not have minimum availability.";
            set_condition(&mut after, "Available", false, "MinimumReplicasUnavailable", message, &now);
        }
        let due = self.progress(&mut after, &before, world.now, &now);
        world.change(self.key, MANAGER, |deployment| json::set(deployment, &["status"], after["status"].clone()));
        if let Some(due) = due {
            world.agenda.add(due, Action::Reconcile(self.key.clone()));
        }
    }

    /// Says how far the rollout is. Answers when it has to be looked at again for being late.
    fn progress(&self, after: &mut Value, before: &Value, now: Timestamp, stamp: &str) -> Option<Timestamp> {
        let count = |status: &Value, name: &str| number(status, &format!("/{name}")).unwrap_or_default();
        let status = after["status"].clone();
        let name = self.new.as_ref().map_or_else(String::new, |new| format!("ReplicaSet {:?}", new.name));
        let complete = self.new.is_some()
            && ["replicas", "updatedReplicas", "availableReplicas"]
                .iter()
                .all(|field| count(&status, field) == self.replicas);
        if complete {
            let message = format!("{name} has successfully progressed.");
            set_condition(after, "Progressing", true, "NewReplicaSetAvailable", &message, stamp);
            return None;
        }
        let old = |status: &Value| count(status, "replicas") - count(status, "updatedReplicas");
        let progressed = ["updatedReplicas", "readyReplicas", "availableReplicas"]
            .iter()
            .any(|field| count(&status, field) > count(before, field))
            || old(&status) < old(before);
        if progressed {
            let message = format!("{name} is progressing.");
            // The time of the last progress is what the deadline counts from.
            drop_condition(after, "Progressing", "ReplicaSetUpdated");
            set_condition(after, "Progressing", true, "ReplicaSetUpdated", &message, stamp);
        }
        let current = conditions::find(after, "Progressing")?;
        if matches!(text(current, "/reason"), Some("NewReplicaSetAvailable" | "ProgressDeadlineExceeded")) {
            return None;
        }
        let allowed = number(self.deployment, "/spec/progressDeadlineSeconds").unwrap_or(600).unsigned_abs();
        let since: Timestamp = text(current, "/lastUpdateTime")?.parse().ok()?;
        let due = since.checked_add(Duration::from_secs(allowed)).ok()?;
        if now < due {
            return Some(due);
        }
        let message = format!("{name} has timed out progressing.");
        set_condition(after, "Progressing", false, "ProgressDeadlineExceeded", &message, stamp);
        None
    }
}

/// The limits of a rolling update; none where the strategy is another.
fn rolling(deployment: &Value, replicas: i64) -> Option<Rolling> {
    if text(deployment, "/spec/strategy/type") == Some("Recreate") {
        return None;
    }
    let limit = |field: &str, round_up: bool| {
        let value = deployment.pointer(&format!("/spec/strategy/rollingUpdate/{field}"));
        match value {
            Some(Value::String(percent)) => {
                let percent: i64 = percent.trim_end_matches('%').parse().unwrap_or_default();
                (replicas * percent + if round_up { 99 } else { 0 }) / 100
            }
            other => other.and_then(Value::as_i64).unwrap_or_default(),
        }
    };
    let (surge, unavailable) = (limit("maxSurge", true), limit("maxUnavailable", false));
    // With neither, nothing could ever move.
    Some(Rolling { surge, unavailable: if surge == 0 { unavailable.max(1) } else { unavailable }.min(replicas) })
}

fn scale(world: &mut World, deployment: &ObjectKey, set: &ObjectKey, replicas: i64) {
    let Some(before) = world.store.get(set).and_then(|set| number(set, "/spec/replicas")) else { return };
    if before == replicas {
        return;
    }
    world.change(set, MANAGER, |set| json::set(set, &["spec", "replicas"], json!(replicas)));
    let direction = if replicas > before { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {} to {replicas}", set.name);
    events::record(world, deployment, &Report::normal(CONTROLLER, "ScalingReplicaSet", message));
}

/// Sets a condition; its times change with its status and reason only.
fn set_condition(deployment: &mut Value, name: &str, status: bool, reason: &str, message: &str, now: &str) {
    let status = if status { "True" } else { "False" };
    let known = conditions::find(deployment, name)
        .is_some_and(|known| text(known, "/status") == Some(status) && text(known, "/reason") == Some(reason));
    if !known {
        let condition = json!({
            "type": name,
            "status": status,
            "reason": reason,
            "message": message,
            "lastUpdateTime": now,
            "lastTransitionTime": now,
        });
        conditions::set(deployment, condition);
    }
}

/// Lets a condition with this reason be written again.
fn drop_condition(deployment: &mut Value, name: &str, reason: &str) {
    for condition in items_mut(deployment, "/status/conditions") {
        if text(condition, "/type") == Some(name) && text(condition, "/reason") == Some(reason) {
            condition["reason"] = json!("");
        }
    }
}
