use std::time::Duration;

use cht_manifests::{Component, Kind, ObjectKey};
use serde_json::{Value, json};

use super::*;
use crate::LiveObject;
use crate::health::expected::Door;
use crate::health::gates::{Demand, Hurdle, Verdict};
use crate::health::testing::*;

const COMPONENTS: [(Component, &str); 4] = [
    (Component::CouchDb(Some(1)), "cht-couchdb-1"),
    (Component::CouchDb(Some(2)), "cht-couchdb-2"),
    (Component::HealthCheck, "cht-haproxy-healthcheck"),
    (Component::HaProxy, "cht-haproxy"),
];

/// CouchDB in two nodes with a claim each, and what stands before it.
fn expected() -> Expected {
    let workloads = COMPONENTS.map(|(component, deployment)| Workload {
        component,
        deployment: deployment.to_owned(),
        claims: match component {
            Component::CouchDb(Some(number)) => vec![format!("couchdb-{number}-claim0")],
            _ => Vec::new(),
        },
        generation: 0,
    });
    let door = |service: &str| Door { service: service.to_owned(), port: 5984 };
    let doors = [COMPONENTS[0], COMPONENTS[1], COMPONENTS[3]].map(|(component, _)| (component, door("service")));
    Expected {
        namespace: NAMESPACE.to_owned(),
        credentials: "cht-couchdb-credentials".to_owned(),
        workloads: workloads.into(),
        doors: doors.into(),
    }
}

fn with_status(name: &str, status: &Value) -> LiveObject {
    deployment(name, "1", 1, status)
}

fn ready(name: &str) -> LiveObject {
    ready_since(name, 0)
}

fn ready_since(name: &str, since: i64) -> LiveObject {
    let available = json!({ "type": "Available", "status": "True", "lastTransitionTime": at(since).to_string() });
    with_status(name, &rolled_out(1, 1, &[available]))
}

fn starting(name: &str) -> LiveObject {
    with_status(name, &rolled_out(1, 0, &[]))
}

/// A Deployment that is not ready with its set and its pod of one container.
fn starting_with(name: &str, container: &Value) -> [LiveObject; 3] {
    let deployment = starting(name);
    let set = replica_set(&format!("{name}-set"), &deployment, "1");
    let pod = owned(&pod_with(&format!("{name}-pod"), container), &set);
    [deployment, set, pod]
}

fn health_of(view: &View, expected: &Expected, name: &str) -> Health {
    let found = assess(view, expected, at(100)).into_iter().find(|health| health.object.name == name);
    found.expect("expected").health
}

fn waiting_of(health: Health) -> Waiting {
    match health {
        Health::Progressing(waiting) | Health::Degraded(waiting) => waiting,
        other => panic!("{other:?}"),
    }
}

fn blocker_of(health: Health) -> Option<Component> {
    waiting_of(health).blocked_by.map(|blocker| blocker.component)
}

fn problem_of(health: Health) -> Problem {
    match health {
        Health::Failed(problem) => *problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_there_and_available_is_ready() {
    let view = view(&COMPONENTS.map(|(_, name)| ready(name)));
    let assessed = assess(&view, &expected(), at(0));
    assert!(assessed.iter().all(|component| component.health.is_ready()), "{assessed:?}");
    let order: Vec<_> = assessed.iter().map(|component| component.component).collect();
    assert_eq!(order, COMPONENTS.map(|(component, _)| component));
    assert_eq!(assessed[3].object, ObjectKey::new(Kind::Deployment, NAMESPACE, "cht-haproxy"));
}

#[test]
fn what_is_not_there_waits() {
    let waiting = waiting_of(health_of(&View::default(), &expected(), "cht-couchdb-1"));
    assert_eq!(waiting, Waiting { reason: "it is not deployed".to_owned(), blocked_by: None, hint: None });
}

#[test]
fn a_component_is_blocked_by_the_first_that_it_needs_and_that_is_not_ready() {
    let blocked_by = |objects: &[LiveObject], name: &str| blocker_of(health_of(&view(objects), &expected(), name));
    let all = COMPONENTS.map(|(_, name)| starting(name));
    assert_eq!(blocked_by(&all, "cht-couchdb-1"), None);
    assert_eq!(blocked_by(&all, "cht-couchdb-2"), Some(Component::CouchDb(Some(1))));
    assert_eq!(blocked_by(&all, "cht-haproxy"), Some(Component::CouchDb(Some(1))));

    let [_, second, check, proxy] = all;
    let later = [ready("cht-couchdb-1"), second, check, proxy.clone()];
    assert_eq!(blocked_by(&later, "cht-couchdb-2"), None);
    assert_eq!(blocked_by(&later, "cht-haproxy"), Some(Component::CouchDb(Some(2))));

    let last = [ready("cht-couchdb-1"), ready("cht-couchdb-2"), ready("cht-haproxy-healthcheck"), proxy];
    assert_eq!(blocked_by(&last, "cht-haproxy"), None);
}

#[test]
fn crashes_of_what_is_blocked_are_not_its_own_fault() {
    let crashing = starting_with("cht-couchdb-2", &crashed(5, 10));
    let code = |first: LiveObject| {
        let health = health_of(&view(&[&[first][..], &crashing].concat()), &expected(), "cht-couchdb-2");
        matches!(health, Health::Failed(problem) if problem.code == ProblemCode::CrashLoop)
    };
    assert!(!code(starting("cht-couchdb-1")));
    assert!(!code(ready_since("cht-couchdb-1", 11)), "it has not tried since couchdb-1 is ready");
    assert!(code(ready_since("cht-couchdb-1", 9)));
}

#[test]
fn a_state_from_before_an_apply_is_neither_success_nor_failure() {
    let mut expected = expected();
    expected.at_least("cht-couchdb-1", 2);
    let stale = waiting_of(health_of(&view(&[ready("cht-couchdb-1")]), &expected, "cht-couchdb-1"));
    assert_eq!(stale.reason, "the change has not come back from the server yet");

    // The old pods are broken, which is why this run replaces them.
    let broken = starting_with("cht-couchdb-1", &waits("InvalidImageName", "no"));
    assert!(matches!(health_of(&view(&broken), &expected, "cht-couchdb-1"), Health::Progressing(_)));
    expected.at_least("cht-couchdb-1", 1);
    assert!(matches!(health_of(&view(&broken), &expected, "cht-couchdb-1"), Health::Failed(_)));
}

#[test]
fn what_needs_a_stale_component_is_blocked_by_it() {
    let mut expected = expected();
    expected.at_least("cht-couchdb-1", 2);
    let view = view(&[ready("cht-couchdb-1"), starting("cht-couchdb-2")]);
    let waiting = waiting_of(health_of(&view, &expected, "cht-couchdb-2"));
    assert_eq!(waiting.blocked_by.map(|blocker| blocker.component), Some(Component::CouchDb(Some(1))));
}

#[test]
fn pods_of_an_old_template_are_ignored() {
    // The new set is not there yet: `Recreate` stops the old pod first, and the revision still is the old one's.
    let deployment = deployment("cht-couchdb-1", "2", 2, &json!({ "observedGeneration": 2, "replicas": 1 }));
    let old = replica_set("old", &deployment, "1");
    let pod = owned(&pod_with("p", &waits("InvalidImageName", "no")), &old);
    let view = view(&[deployment, old, pod]);
    let waiting = waiting_of(health_of(&view, &expected(), "cht-couchdb-1"));
    assert_eq!(waiting.reason, "0 of 1 pods are of the current template");
}

#[test]
fn a_claims_problem_is_that_of_its_component() {
    let lost = object(Kind::PersistentVolumeClaim, "couchdb-2-claim0", &json!({ "status": { "phase": "Lost" } }));
    let view = view(&[&COMPONENTS.map(|(_, name)| ready(name))[..], &[lost]].concat());
    assert_eq!(problem_of(health_of(&view, &expected(), "cht-couchdb-2")).code, ProblemCode::ClaimLost);
    assert!(health_of(&view, &expected(), "cht-couchdb-1").is_ready());
}

#[test]
fn what_was_ready_and_is_not_is_degraded() {
    let was_done = json!({ "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" });
    let gone = with_status("cht-couchdb-1", &rolled_out(1, 0, &[was_done]));
    assert!(matches!(health_of(&view(&[gone]), &expected(), "cht-couchdb-1"), Health::Degraded(_)));
    assert!(matches!(
        health_of(&view(&[starting("cht-couchdb-1")]), &expected(), "cht-couchdb-1"),
        Health::Progressing(_)
    ));
}

#[test]
fn progress_is_what_the_pod_does() {
    let view = view(&starting_with("cht-couchdb-1", &waits("ImagePullBackOff", "Back-off pulling image")));
    let waiting = waiting_of(health_of(&view, &expected(), "cht-couchdb-1"));
    assert_eq!(waiting.reason, "api: ImagePullBackOff: Back-off pulling image");
}

fn late(since: i64) -> Value {
    json!({
        "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out",
        "lastUpdateTime": at(since).to_string(),
    })
}

#[test]
fn a_late_rollout_has_failed_and_its_pod_shows_why() {
    let [_, set, pod] = starting_with("cht-couchdb-1", &container(&json!({ "running": {} })));
    let stuck = with_status("cht-couchdb-1", &rolled_out(1, 0, &[late(0)]));
    let problem = problem_of(health_of(&view(&[stuck.clone(), set, pod]), &expected(), "cht-couchdb-1"));
    assert_eq!(problem.code, ProblemCode::RolloutStuck);
    assert_eq!(problem.object, ObjectKey::new(Kind::Pod, NAMESPACE, "cht-couchdb-1-pod"));
    assert_eq!(problem.message, "api runs and is not ready yet");

    let problem = problem_of(health_of(&view(&[stuck]), &expected(), "cht-couchdb-1"));
    assert_eq!(problem.object, ObjectKey::new(Kind::Deployment, NAMESPACE, "cht-couchdb-1"));
    assert_eq!(problem.message, "timed out");
}

#[test]
fn a_rollout_that_is_late_for_a_reason_outside_it_waits() {
    let stuck = |since| with_status("cht-couchdb-2", &rolled_out(1, 0, &[late(since)]));
    let blocked = view(&[starting("cht-couchdb-1"), stuck(0)]);
    assert!(matches!(health_of(&blocked, &expected(), "cht-couchdb-2"), Health::Progressing(_)));

    let mut earlier = begun_with(&[ready("cht-couchdb-1"), stuck(0)]);
    assert!(matches!(health_of(&earlier, &expected(), "cht-couchdb-2"), Health::Progressing(_)));
    happen(&mut earlier, &[stuck(600)]);
    assert_eq!(problem_of(health_of(&earlier, &expected(), "cht-couchdb-2")).code, ProblemCode::RolloutStuck);
}

#[test]
fn pods_that_the_server_refuses_in_this_run_are_a_failure() {
    let message = "pods is forbidden: exceeded quota: small";
    let refused = json!({ "type": "ReplicaFailure", "status": "True", "message": message });
    let status = json!({ "observedGeneration": 1, "conditions": [refused] });
    let deployment = with_status("cht-couchdb-1", &status);
    let set = replica_set("set", &deployment, "1");
    let set =
        LiveObject::new(Kind::ReplicaSet, with(set.value().clone(), &json!({ "status": { "conditions": [refused] } })));
    let objects = [deployment, set];
    let problem = problem_of(health_of(&view(&objects), &expected(), "cht-couchdb-1"));
    assert_eq!((problem.code, problem.message.as_str()), (ProblemCode::PodsForbidden, message));
    assert_eq!(waiting_of(health_of(&begun_with(&objects), &expected(), "cht-couchdb-1")).reason, message);
}

#[test]
fn who_ended_before_must_stay_for_a_while() {
    let since = |seconds| {
        let running = json!({ "running": { "startedAt": at(seconds).to_string() } });
        with(container(&running), &json!({ "ready": true, "restartCount": 2 }))
    };
    let health = |container: &Value| {
        let [_, set, pod] = starting_with("cht-haproxy", container);
        let others = ["cht-couchdb-1", "cht-couchdb-2", "cht-haproxy-healthcheck", "cht-haproxy"].map(ready);
        let objects: Vec<_> = others.into_iter().chain([set, pod]).collect();
        health_of(&view(&objects), &expected(), "cht-haproxy")
    };
    let reason = waiting_of(health(&since(95))).reason;
    assert_eq!(reason, "api has restarted 2 times, and runs only since a moment ago");
    waiting_of(health(&since(102)));
    assert_eq!(health(&since(80)), Health::Ready);
    assert_eq!(health(&with(since(95), &json!({ "restartCount": 0 }))), Health::Ready);

    // The Deployment has not noticed yet.
    let ended = container(&json!({ "terminated": { "exitCode": 7 } }));
    assert_eq!(waiting_of(health(&ended)).reason, "api has ended with exit code 7");
    assert_eq!(waiting_of(health(&crashed(2, 0))).reason, "api has ended with exit code 7");
    assert_eq!(problem_of(health(&crashed(3, 0))).code, ProblemCode::CrashLoop);
    // The pod's state has not come yet, which the Deployment has noticed.
    assert_eq!(health(&waits("ContainerCreating", "")), Health::Ready);
}

#[test]
fn an_init_container_that_is_done_is_no_sign_of_trouble() {
    let done = with(container(&json!({ "terminated": { "exitCode": 0 } })), &json!({ "ready": true, "name": "init" }));
    let deployment = ready("cht-couchdb-1");
    let set = replica_set("set", &deployment, "1");
    let pod = owned(&pod("p", &json!({ "initContainerStatuses": [done] })), &set);
    assert_eq!(health_of(&view(&[deployment, set, pod]), &expected(), "cht-couchdb-1"), Health::Ready);
}

/// An API whose container is in a state and not ready, and what it has answered.
fn health_of_api(state: &Value, verdict: Verdict) -> Health {
    let api =
        Workload { component: Component::Api, deployment: "cht-api".to_owned(), claims: Vec::new(), generation: 0 };
    let door = Door { service: "api".to_owned(), port: 5988 };
    let expected = Expected { workloads: vec![api], doors: [(Component::Api, door)].into(), ..expected() };
    let mut view = view(&starting_with("cht-api", &container(state)));
    view.answers.demand(Demand::Everyones);
    let question = Question::Serves(Component::Api);
    let behind = behind(&view, &expected, question);
    view.answers.take(question, behind, verdict);
    health_of(&view, &expected, "cht-api")
}

#[test]
fn an_api_that_is_not_ready_says_itself_what_it_does() {
    let running = json!({ "running": { "startedAt": at(0).to_string() } });
    let indexes = || Verdict::NotYet(Hurdle::new("it indexes").hint(ProblemCode::Indexing, Duration::ZERO));
    let waiting = waiting_of(health_of_api(&running, indexes()));
    assert_eq!((waiting.reason.as_str(), waiting.hint), ("it indexes", Some(ProblemCode::Indexing)));

    // Its own probe has not asked it again yet.
    assert_eq!(waiting_of(health_of_api(&running, Verdict::Yes)).reason, "api runs and is not ready yet");
    // It has ended since.
    let ended = json!({ "terminated": { "exitCode": 7 } });
    assert_ne!(waiting_of(health_of_api(&ended, indexes())).reason, "it indexes");
}
