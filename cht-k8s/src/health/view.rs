//! What the watches know of a namespace.

use std::collections::{HashMap, HashSet};

use cht_manifests::{Kind, Manifests};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, PersistentVolumeClaim, Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::gates::Answers;
use super::{pod, rollout};
use crate::{LiveObject, WatchEvent};

/// The label by which a `ReplicaSet` tells its template from the Deployment's others.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// What the watches know of a namespace, by name.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) deployments: HashMap<String, Deployment>,
    pub(crate) replica_sets: HashMap<String, ReplicaSet>,
    pub(crate) pods: HashMap<String, Pod>,
    pub(crate) claims: HashMap<String, PersistentVolumeClaim>,
    pub(crate) jobs: HashMap<String, Job>,
    pub(crate) events: HashMap<String, Event>,
    /// What the services say when they are asked.
    pub(crate) answers: Answers,
    /// How often each container had restarted, and each event had happened, before this run: not its failures.
    before: Before,
    /// Since when each pod has been unschedulable, by this machine's clock: the server's may differ.
    unschedulable_since: HashMap<String, Timestamp>,
}

/// What had gone wrong before this run, by the UID of whom it happened to.
#[derive(Debug, Default)]
struct Before {
    restarts: HashMap<(String, String), i32>,
    events: HashMap<String, i32>,
    /// Containers that could not be configured.
    misconfigured: HashSet<(String, String)>,
    /// Deployments whose rollout was late, with when that was said.
    late: HashMap<String, Option<Timestamp>>,
    /// `ReplicaSet`s whose pods could not be made.
    refused: HashSet<String>,
    /// Pods that no node took.
    unplaced: HashSet<String>,
}

impl View {
    /// The kinds that a view may be made of.
    pub(crate) const KINDS: [Kind; 6] =
        [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::PersistentVolumeClaim, Kind::Job, Kind::Event];

    /// The kinds that matter to an instance of these objects.
    pub(crate) fn kinds_for(wanted: &Manifests) -> impl Iterator<Item = Kind> {
        let has_jobs = wanted.iter().any(|manifest| manifest.object.kind() == Kind::Job);
        Self::KINDS.into_iter().filter(move |kind| has_jobs || *kind != Kind::Job)
    }

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
        if pod::unschedulable(pod).is_some() {
            self.unschedulable_since.entry(uid.to_owned()).or_insert(now);
        } else {
            self.unschedulable_since.remove(uid);
        }
    }

    /// From here on, what has happened so far belongs to an earlier run.
    pub(crate) fn begin(&mut self) {
        let containers = || {
            self.pods
                .values()
                .flat_map(|pod| pod::containers(pod).map(move |status| (container_key(pod, status), status)))
        };
        let late = self.deployments.values().filter_map(|deployment| {
            let condition = rollout::late(deployment)?;
            Some((uid(&deployment.metadata).to_owned(), rollout::said_at(condition)))
        });
        let refused = self.replica_sets.values().filter(|set| rollout::refusal(set).is_some());
        self.before = Before {
            restarts: containers().map(|(key, status)| (key, status.restart_count)).collect(),
            events: self.events.iter().map(|(name, event)| (name.clone(), happened(event))).collect(),
            misconfigured: containers()
                .filter_map(|(key, status)| pod::is_misconfigured(status).then_some(key))
                .collect(),
            late: late.collect(),
            refused: refused.map(|set| uid(&set.metadata).to_owned()).collect(),
            unplaced: self.unschedulable_since.keys().cloned().collect(),
        };
    }

    /// How many of a container's restarts belong to this run.
    pub(crate) fn restarts_in_run(&self, pod: &Pod, container: &ContainerStatus) -> i32 {
        container.restart_count - self.before.restarts.get(&container_key(pod, container)).copied().unwrap_or(0)
    }

    /// Whether a container could not be configured before this run already, so that what this run restores may not have
    /// reached it.
    pub(crate) fn was_misconfigured(&self, pod: &Pod, container: &ContainerStatus) -> bool {
        self.before.misconfigured.contains(&container_key(pod, container))
    }

    /// Whether a rollout was late before this run already, and nothing has been said of it since.
    pub(crate) fn was_late(&self, deployment: &Deployment) -> bool {
        let since = self.before.late.get(uid(&deployment.metadata));
        since.is_some_and(|since| rollout::late(deployment).map(rollout::said_at) == Some(*since))
    }

    /// Why pods of a Deployment's current template could not be made in this run.
    pub(crate) fn refusal_in_run(&self, deployment: &Deployment) -> Option<&str> {
        let set = self.current_replica_set(deployment)?;
        let uid = uid(&set.metadata);
        let again = || self.events_in_run(uid).iter().any(|event| event.reason.as_deref() == Some("FailedCreate"));
        rollout::refusal(set).filter(|_| !self.before.refused.contains(uid) || again())
    }

    /// How often an event happened in this run.
    pub(crate) fn count_in_run(&self, event: &Event) -> i32 {
        let name = event.metadata.name.as_deref().unwrap_or_default();
        happened(event) - self.before.events.get(name).copied().unwrap_or(0)
    }

    /// Whether no node took a pod before this run already, and the scheduler has not tried again since.
    pub(crate) fn was_unplaced(&self, uid: &str) -> bool {
        let again = || self.events_in_run(uid).iter().any(|event| event.reason.as_deref() == Some("FailedScheduling"));
        self.before.unplaced.contains(uid) && !again()
    }

    /// Since when a pod has been unschedulable.
    pub(crate) fn unschedulable_since(&self, uid: &str) -> Option<Timestamp> {
        self.unschedulable_since.get(uid).copied()
    }

    /// The pods of a Deployment's current template that are there to stay: not on their way out, nor over. (What a node
    /// throws out stays as a pod that has failed, beside the one that replaces it.)
    pub(crate) fn current_pods(&self, deployment: &Deployment) -> Vec<&Pod> {
        let Some(replica_set) = self.current_replica_set(deployment) else { return Vec::new() };
        let owner = uid(&replica_set.metadata);
        let mut pods: Vec<_> = self
            .pods
            .values()
            .filter(|pod| {
                pod.metadata.deletion_timestamp.is_none() && is_owned_by(&pod.metadata, owner) && !is_over(pod)
            })
            .collect();
        pods.sort_by_key(|pod| &pod.metadata.name);
        pods
    }

    /// Whether no container of any pod that stays has just ended or come back, which says more than that all are ready.
    pub(crate) fn is_steady(&self, now: Timestamp) -> bool {
        let mut stays = self.pods.values().filter(|pod| pod.metadata.deletion_timestamp.is_none() && !is_over(pod));
        stays.all(|one| pod::unsteady(one, now).is_none())
    }

    /// The `ReplicaSet` of a Deployment's current template. It is found as the Deployment controller finds it, by the
    /// template: the revision that it bears still is the last one's while `Recreate` stops the old pods.
    pub(crate) fn current_replica_set(&self, deployment: &Deployment) -> Option<&ReplicaSet> {
        let owner = uid(&deployment.metadata);
        let wanted = &deployment.spec.as_ref()?.template;
        let is_current = |set: &&ReplicaSet| {
            let template = set.spec.as_ref().and_then(|spec| spec.template.as_ref());
            is_owned_by(&set.metadata, owner) && template.is_some_and(|template| is_same(template, wanted))
        };
        // Where several have it, the oldest is the one that is used.
        let age = |set: &&ReplicaSet| {
            (set.metadata.creation_timestamp.as_ref().map(|time| time.0), set.metadata.name.clone())
        };
        self.replica_sets.values().filter(is_current).min_by_key(age)
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
        events.sort_by_key(|event| (last_seen(event), event.metadata.name.clone()));
        events
    }
}

/// How often an event happened.
pub(crate) fn happened(event: &Event) -> i32 {
    event.count.or_else(|| event.series.as_ref()?.count).unwrap_or(1)
}

/// When an event happened last. The scheduler's, of the newer sort, have their time elsewhere.
pub(crate) fn last_seen(event: &Event) -> Option<Timestamp> {
    let in_series = || Some(event.series.as_ref()?.last_observed_time.as_ref()?.0);
    let newer = || in_series().or(event.event_time.as_ref().map(|time| time.0));
    event.last_timestamp.as_ref().map(|time| time.0).or_else(newer)
}

fn container_key(pod: &Pod, container: &ContainerStatus) -> (String, String) {
    (uid(&pod.metadata).to_owned(), container.name.clone())
}

fn is_over(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Failed" | "Succeeded"))
}

/// Whether a `ReplicaSet`'s template is this one of a Deployment.
fn is_same(template: &PodTemplateSpec, wanted: &PodTemplateSpec) -> bool {
    let parts = |template: &PodTemplateSpec| {
        let metadata = template.metadata.clone().unwrap_or_default();
        let mut labels = metadata.labels.unwrap_or_default();
        labels.remove(TEMPLATE_HASH);
        (labels, metadata.annotations.unwrap_or_default())
    };
    template.spec == wanted.spec && parts(template) == parts(wanted)
}

/// What tells an object from an earlier one of the same name.
pub(super) fn uid(metadata: &ObjectMeta) -> &str {
    metadata.uid.as_deref().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::health::testing::*;

    fn api() -> LiveObject {
        deployment("cht-api", "2", 2, &json!({}))
    }

    fn names(pods: &[&Pod]) -> Vec<String> {
        pods.iter().filter_map(|pod| pod.metadata.name.clone()).collect()
    }

    fn current_pods(view: &View) -> Vec<String> {
        names(&view.current_pods(&view.deployments["cht-api"]))
    }

    fn current_set(view: &View) -> Option<&str> {
        view.current_replica_set(&view.deployments["cht-api"])?.metadata.name.as_deref()
    }

    #[test]
    fn objects_come_change_and_go() {
        let mut view = view(&[api(), pod("p", &json!({}))]);
        assert_eq!(view.pods["p"].spec.as_ref().and_then(|spec| spec.node_name.as_deref()), Some("alpha"));

        let moved = object(Kind::Pod, "p", &json!({ "spec": { "nodeName": "beta", "containers": [] } }));
        view.update(&WatchEvent::Changed(moved.clone()), at(0));
        assert_eq!(view.pods["p"].spec.as_ref().and_then(|spec| spec.node_name.as_deref()), Some("beta"));

        view.update(&WatchEvent::Bookmark("7".to_owned()), at(0));
        view.update(&WatchEvent::Deleted(moved), at(0));
        assert!(view.pods.is_empty() && view.deployments.contains_key("cht-api"));
    }

    #[test]
    fn what_has_another_shape_is_left_out() {
        let mut view = view(&[pod("p", &json!({}))]);
        happen(&mut view, &[object(Kind::Pod, "p", &json!({ "status": "odd" }))]);
        assert!(view.pods.is_empty());
    }

    #[test]
    fn a_reset_forgets_one_kind_alone() {
        let mut view = view(&[api(), pod("old", &json!({})), pod("kept", &json!({}))]);
        view.reset(Kind::Pod, vec![pod("kept", &json!({})), pod("new", &json!({}))], at(0));
        let mut pods: Vec<_> = view.pods.keys().map(String::as_str).collect();
        pods.sort_unstable();
        assert_eq!(pods, ["kept", "new"]);
        assert!(view.deployments.contains_key("cht-api"));
    }

    #[test]
    fn a_reset_does_not_begin_a_run_anew() {
        let crashing = |restarts| pod_with("p", &crashed(restarts, 0));
        let mut view = begun_with(&[crashing(3), warning("e", &crashing(3), "BackOff", "", 4)]);
        view.reset(Kind::Pod, vec![crashing(5)], at(0));
        view.reset(Kind::Event, vec![warning("e", &crashing(3), "BackOff", "", 6)], at(0));
        let pod = &view.pods["p"];
        let status = pod::containers(pod).next().expect("a container");
        assert_eq!(view.restarts_in_run(pod, status), 2);
        assert_eq!(view.count_in_run(&view.events["e"]), 2);
    }

    #[test]
    fn another_pod_of_the_same_name_begins_at_nothing() {
        let mut view = begun_with(&[pod_with("p", &crashed(3, 0))]);
        let again = LiveObject::new(
            Kind::Pod,
            with(pod_with("p", &crashed(2, 0)).value().clone(), &json!({ "metadata": { "uid": "another" } })),
        );
        happen(&mut view, &[again]);
        let pod = &view.pods["p"];
        assert_eq!(view.restarts_in_run(pod, pod::containers(pod).next().expect("a container")), 2);
    }

    #[test]
    fn only_what_happens_in_the_run_counts() {
        let about = pod("p", &json!({}));
        let mut view = begun_with(&[about.clone(), warning("old", &about, "BackOff", "", 2)]);
        happen(&mut view, &[warning("new", &about, "BackOff", "", 1)]);
        let in_run: Vec<_> = view.events_in_run(about.uid()).iter().map(|e| e.metadata.name.clone()).collect();
        assert_eq!(in_run, [Some("new".to_owned())]);
        assert_eq!(view.events_of(about.uid()).len(), 2);
        assert!(view.events_of("another").is_empty());
    }

    #[test]
    fn events_are_in_the_order_in_which_they_were_seen_last() {
        let about = pod("p", &json!({}));
        let seen = |name: &str, rest: &serde_json::Value| {
            let event = warning(name, &about, "Some", "", 1);
            LiveObject::new(Kind::Event, with(event.value().clone(), rest))
        };
        let micro = |seconds| format!("{}.000000Z", at(seconds).to_string().trim_end_matches('Z'));
        let view = view(&[
            seen("third", &json!({ "lastTimestamp": at(3).to_string() })),
            seen("first", &json!({ "eventTime": micro(1) })),
            seen("second", &json!({ "eventTime": micro(0), "series": { "count": 5, "lastObservedTime": micro(2) } })),
        ]);
        let names: Vec<_> = view.events_of(about.uid()).iter().filter_map(|e| e.metadata.name.as_deref()).collect();
        assert_eq!(names, ["first", "second", "third"]);
    }

    #[test]
    fn an_event_of_the_newer_sort_counts_by_its_series() {
        let mut event = warning("e", &pod("p", &json!({})), "FailedScheduling", "", 1).value().clone();
        event["count"] = serde_json::Value::Null;
        event["series"] = json!({ "count": 5 });
        let view = view(&[LiveObject::new(Kind::Event, event)]);
        assert_eq!(view.count_in_run(&view.events["e"]), 5);
    }

    #[test]
    fn the_current_set_is_that_of_the_template() {
        let (old, new) = (replica_set("set-1", &api(), "1"), replica_set("set-2", &api(), "2"));
        assert_eq!(current_set(&view(&[api(), old.clone()])), None, "it is not made yet");
        assert_eq!(current_set(&view(&[api(), old, new])), Some("set-2"));
        let of_another = replica_set("other", &deployment("cht-sentinel", "2", 1, &json!({})), "2");
        assert_eq!(current_set(&view(&[api(), of_another])), None);
    }

    #[test]
    fn a_template_with_other_marks_is_another() {
        let marked = |mark: &serde_json::Value| {
            let set = replica_set("set", &api(), "2");
            let rest = json!({ "spec": { "template": { "metadata": mark } } });
            LiveObject::new(Kind::ReplicaSet, with(set.value().clone(), &rest))
        };
        assert_eq!(current_set(&view(&[api(), marked(&json!({ "annotations": { "checksum": "1" } }))])), None);
        assert_eq!(current_set(&view(&[api(), marked(&json!({ "labels": { "cht.service": "other" } }))])), None);
        assert_eq!(current_set(&view(&[api(), marked(&json!({ "annotations": {} }))])), Some("set"));
    }

    #[test]
    fn the_oldest_of_several_sets_of_one_template_is_used() {
        let created = |name: &str, seconds| {
            let set = replica_set(name, &api(), "2");
            let rest = json!({ "metadata": { "creationTimestamp": at(seconds).to_string() } });
            LiveObject::new(Kind::ReplicaSet, with(set.value().clone(), &rest))
        };
        assert_eq!(current_set(&view(&[api(), created("a", 9), created("b", 5)])), Some("b"));
    }

    #[test]
    fn current_pods_are_those_of_the_current_set_that_stay() {
        let (old, new) = (replica_set("set-1", &api(), "1"), replica_set("set-2", &api(), "2"));
        let of = |name: &str, set: &LiveObject, rest: &serde_json::Value| {
            owned(&object(Kind::Pod, name, &with(json!({ "spec": { "containers": [] } }), rest)), set)
        };
        let objects = [
            of("b", &new, &json!({})),
            of("a", &new, &json!({ "status": { "phase": "Running" } })),
            of("old", &old, &json!({})),
            of("leaving", &new, &json!({ "metadata": { "deletionTimestamp": at(0).to_string() } })),
            of("evicted", &new, &json!({ "status": { "phase": "Failed", "reason": "Evicted" } })),
            of("over", &new, &json!({ "status": { "phase": "Succeeded" } })),
            pod("stray", &json!({})),
        ];
        let view = view(&[&[api(), old, new][..], &objects].concat());
        assert_eq!(current_pods(&view), ["a", "b"]);
    }

    #[test]
    fn a_container_that_has_just_come_back_is_not_steady() {
        let restarted = |restarts: i32, since: i64| {
            let container = json!({
                "name": "c", "image": "i", "imageID": "", "ready": true, "restartCount": restarts,
                "state": { "running": { "startedAt": at(since).to_string() } },
            });
            view(&[pod_with("p", &container)])
        };
        assert!(restarted(0, 0).is_steady(at(1)));
        assert!(!restarted(2, 0).is_steady(at(1)));
        assert!(restarted(2, 0).is_steady(at(60)));
    }

    #[test]
    fn a_rollout_that_was_late_before_the_run_is_so_until_that_is_said_again() {
        let late = |since: i64| {
            let condition = json!({
                "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                "lastUpdateTime": at(since).to_string(),
            });
            deployment("cht-api", "2", 2, &json!({ "conditions": [condition] }))
        };
        let was_late = |view: &View| view.was_late(&view.deployments["cht-api"]);
        assert!(!was_late(&view(&[late(0)])));
        let mut view = begun_with(&[late(0)]);
        assert!(was_late(&view));
        happen(&mut view, &[late(600)]);
        assert!(!was_late(&view));
        happen(&mut view, &[api()]);
        assert!(!was_late(&view));
    }

    #[test]
    fn a_refusal_before_the_run_counts_when_it_is_said_again() {
        let message = "pods is forbidden: exceeded quota: small";
        let condition = json!({ "type": "ReplicaFailure", "status": "True", "message": message });
        let refused = |name: &str, version: &str| {
            let set = replica_set(name, &api(), version);
            LiveObject::new(
                Kind::ReplicaSet,
                with(set.value().clone(), &json!({ "status": { "conditions": [condition] } })),
            )
        };
        let refusal = |view: &View| view.refusal_in_run(&view.deployments["cht-api"]).map(str::to_owned);
        let said = |count| warning("e", &refused("set-2", "2"), "FailedCreate", message, count);

        assert_eq!(refusal(&view(&[api(), refused("set-2", "2")])).as_deref(), Some(message));
        assert_eq!(refusal(&view(&[api(), refused("set-1", "1")])), None, "of the old template");
        let mut view = begun_with(&[api(), refused("set-2", "2"), said(3)]);
        assert_eq!(refusal(&view), None);
        happen(&mut view, &[said(4)]);
        assert_eq!(refusal(&view).as_deref(), Some(message));
    }
}
