use super::*;
use crate::LiveObject;
use crate::health::testing::*;
use serde_json::{Value, json};

const NOT_FOUND: &str = "rpc error: code = NotFound desc = cht/api:1: not found";

/// What is wrong with the pod `p`, while all that it depends on has long been ready.
fn found(view: &View) -> Option<Problem> {
    found_when(view, Some(Timestamp::MIN), at(0))
}

fn found_when(view: &View, ready_since: Option<Timestamp>, now: Timestamp) -> Option<Problem> {
    problem(view, &view.pods["p"], NAMESPACE, ready_since, now)
}

fn code(view: &View) -> Option<ProblemCode> {
    found(view).map(|problem| problem.code)
}

fn failed_pulls(name: &str, why: &str, count: i32) -> LiveObject {
    let message = format!("Failed to pull image \"cht/api:1\": {why}");
    warning(name, &pod("p", &json!({})), "Failed", &message, count)
}

fn back_off() -> LiveObject {
    pod_with("p", &waits("ImagePullBackOff", "Back-off pulling image \"cht/api:1\""))
}

#[test]
fn a_pod_that_no_node_will_ever_take_is_a_problem() {
    for message in [
        "0/3 nodes are available: 3 node(s) didn't match node selector.",
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are \
         available: 3 Preemption is not helpful for scheduling.",
        "0/2 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't \
         tolerate, 1 node(s) didn't match node selector.",
        "0/1 nodes are available: 1 node(s) had untolerated taint {couchdb-only: true}.",
        "0/2 nodes are available: 2 node(s) had volume node affinity conflict.",
    ] {
        let problem = found(&view(&[unplaced("p", message)])).expect(message);
        assert_eq!(problem.code, ProblemCode::Unschedulable);
        assert_eq!(problem.message, format!("no node takes pod p: {message}"));
        assert_eq!((problem.node, problem.container), (None, None));
    }
}

#[test]
fn a_pod_that_a_node_may_take_yet_is_none() {
    for message in [
        "0/1 nodes are available: 1 node(s) had taint {node.kubernetes.io/not-ready: }, that the pod didn't tolerate.",
        "0/1 nodes are available: 1 node(s) had untolerated taint {node.cloudprovider.kubernetes.io/uninitialized: true}.",
        "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, \
         2 node(s) didn't match Pod's node affinity/selector.",
        "0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.",
        "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
        "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had taint {node-role.kubernetes.io/master: }, \
         that the pod didn't tolerate.",
        "0/2 nodes are available: 1 Too many pods, 1 node(s) had volume node affinity conflict.",
        "no nodes available to schedule pods",
    ] {
        assert_eq!(found(&view(&[unplaced("p", message)])), None, "{message}");
    }
}

#[test]
fn room_is_waited_for_two_minutes() {
    let full = unplaced("p", "0/1 nodes are available: 1 Insufficient memory.");
    let mut view = view(std::slice::from_ref(&full));
    assert_eq!(found_when(&view, None, at(120)), None);
    let problem = found_when(&view, None, at(121)).expect("out of patience");
    assert_eq!(problem.code, ProblemCode::Unschedulable);
    // It counts from when the pod was refused first, and anew after a node has taken it.
    view.update(&crate::WatchEvent::Changed(full.clone()), at(100));
    assert!(found_when(&view, None, at(121)).is_some());
    view.update(&crate::WatchEvent::Changed(pod("p", &json!({}))), at(130));
    view.update(&crate::WatchEvent::Changed(full), at(140));
    assert_eq!(found_when(&view, None, at(250)), None);
}

#[test]
fn a_pod_that_no_node_took_before_this_run_gets_another_chance() {
    let message = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.";
    let unplaced = unplaced("p", message);
    let mut view = begun_with(std::slice::from_ref(&unplaced));
    assert_eq!(found_when(&view, None, at(120)), None, "the scheduler may not have looked again");
    assert!(found_when(&view, None, at(121)).is_some(), "out of patience");
    happen(&mut view, &[warning("e", &unplaced, "FailedScheduling", message, 1)]);
    assert!(found_when(&view, None, at(1)).is_some(), "it has looked again");
}

#[test]
fn the_second_refusal_of_a_registry_is_a_problem() {
    assert_eq!(code(&view(&[back_off()])), None, "no refusal is known");
    assert_eq!(code(&view(&[back_off(), failed_pulls("e", NOT_FOUND, 1)])), None, "one may be passing");

    let problem = found(&view(&[back_off(), failed_pulls("e", NOT_FOUND, 2)])).expect("refused twice");
    assert_eq!(problem.code, ProblemCode::ImagePull);
    assert_eq!(problem.container.as_deref(), Some("api"));
    assert_eq!(problem.node.as_deref(), Some("alpha"));
    insta::assert_snapshot!(
        problem,
        @r#"api: image cht/api:1 cannot be pulled: Failed to pull image "cht/api:1": rpc error: code = NotFound desc = cht/api:1: not found"#
    );

    let denied = failed_pulls("f", "pull access denied, repository does not exist", 1);
    assert_eq!(code(&view(&[back_off(), failed_pulls("e", NOT_FOUND, 1), denied])), Some(ProblemCode::ImagePull));
}

#[test]
fn pulls_of_other_images_and_other_pods_do_not_count() {
    let of = |about: &LiveObject, image: &str| {
        warning("e", about, "Failed", &format!("Failed to pull image \"{image}\": not found"), 5)
    };
    assert_eq!(code(&view(&[back_off(), of(&back_off(), "cht/nouveau:1")])), None);
    assert_eq!(code(&view(&[back_off(), of(&pod("q", &json!({})), "cht/api:1")])), None);
    let other_failure = warning("e", &back_off(), "Failed", "Error: ErrImagePull", 5);
    assert_eq!(code(&view(&[back_off(), other_failure])), None);
}

#[test]
fn a_slow_or_broken_link_is_no_problem() {
    for why in [
        "Get \"https://public.ecr.aws/v2/\": net/http: TLS handshake timeout",
        "context deadline exceeded",
        "dial tcp 10.0.0.1:443: connect: connection refused",
        "read tcp: connection reset by peer",
        "dial tcp: connect: no route to host",
        "dial tcp: connect: network is unreachable",
        "lookup public.ecr.aws: Temporary failure in name resolution",
        "lookup public.ecr.aws on 10.43.0.10:53: server misbehaving",
        "failed to copy: httpReadSeeker: unexpected EOF",
        "toomanyrequests: Rate exceeded",
        "unexpected status from HEAD request: 429 Too Many Requests",
        "unexpected status code: 502 Bad Gateway",
        "unexpected status code: 503 Service Unavailable",
    ] {
        assert_eq!(code(&view(&[back_off(), failed_pulls("e", why, 9)])), None, "{why}");
    }
    // What was said last counts: a link that works again may show that there is no such image.
    let timeout = failed_pulls("e1", "i/o timeout", 9);
    assert_eq!(code(&view(&[back_off(), timeout, failed_pulls("e2", NOT_FOUND, 1)])), Some(ProblemCode::ImagePull));
}

#[test]
fn pulls_before_this_run_do_not_count() {
    let mut view = begun_with(&[back_off(), failed_pulls("e", NOT_FOUND, 5)]);
    assert_eq!(code(&view), None);
    happen(&mut view, &[failed_pulls("e", NOT_FOUND, 6)]);
    assert_eq!(code(&view), None);
    happen(&mut view, &[failed_pulls("e", NOT_FOUND, 7)]);
    assert_eq!(code(&view), Some(ProblemCode::ImagePull));
}

#[test]
fn a_name_that_is_none_and_an_image_that_is_never_pulled_show_at_once() {
    let problem = found(&view(&[pod_with("p", &waits("InvalidImageName", "couldn't parse image reference"))]));
    let problem = problem.expect("no image's name");
    assert_eq!(problem.code, ProblemCode::ImageName);
    assert_eq!(problem.message, "api: \"cht/api:1\" is not an image's name: couldn't parse image reference");

    let never = view(&[pod_with("p", &waits("ErrImageNeverPull", "image is not present with pull policy of Never"))]);
    assert_eq!(code(&never), Some(ProblemCode::ImagePull));
}

fn misconfigured(message: &str) -> LiveObject {
    pod_with("p", &waits("CreateContainerConfigError", message))
}

#[test]
fn a_reference_to_nothing_shows_at_once() {
    for message in [
        "couldn't find key COUCHDB_UUID in Secret ns/cht-couchdb-credentials",
        "secret \"cht-couchdb-credentials\" not found",
        "configmap references non-existent config key: COUCHDB_SERVERS",
    ] {
        let problem = found(&view(&[misconfigured(message)])).expect(message);
        assert_eq!(problem.code, ProblemCode::ContainerConfig);
        assert_eq!(problem.message, format!("api cannot be configured: {message}"));
    }
    assert_eq!(code(&view(&[misconfigured("failed to sync secret cache: timed out waiting for the condition")])), None);
}

#[test]
fn a_reference_that_was_to_nothing_before_this_run_may_have_been_mended_by_it() {
    let message = "secret \"cht-couchdb-credentials\" not found";
    let said = |count| warning("e", &misconfigured(message), "Failed", &format!("Error: {message}"), count);
    let mut view = begun_with(&[misconfigured(message), said(40)]);
    assert_eq!(code(&view), None);
    happen(&mut view, &[said(41)]);
    assert_eq!(code(&view), None, "it may have been said before the Secret was applied");
    happen(&mut view, &[said(42)]);
    assert_eq!(code(&view), Some(ProblemCode::ContainerConfig));

    // A pod of this run starts with what this run has applied.
    let mut view = begun_with(&[]);
    happen(&mut view, &[misconfigured(message)]);
    assert_eq!(code(&view), Some(ProblemCode::ContainerConfig));
}

#[test]
fn the_third_restart_is_a_crash_loop() {
    assert_eq!(code(&view(&[pod_with("p", &crashed(2, 0))])), None);

    let problem = found(&view(&[pod_with("p", &crashed(3, 0))])).expect("a crash loop");
    assert_eq!(problem.code, ProblemCode::CrashLoop);
    assert_eq!((problem.exit_code, problem.container.as_deref()), (Some(7), Some("api")));
    assert_eq!(problem.message, "api ends again and again with exit code 7: 3 restarts");
}

#[test]
fn a_container_that_has_just_ended_counts_as_one_that_waits_to_start() {
    let ended = container(&json!({ "terminated": { "exitCode": 137 } }));
    let problem = found(&view(&[pod_with("p", &with(ended, &json!({ "restartCount": 3 })))])).expect("a crash loop");
    assert_eq!(problem.exit_code, Some(137));
}

#[test]
fn a_container_that_runs_again_is_no_crash_loop() {
    let running = with(crashed(9, 0), &json!({ "state": { "waiting": null, "running": {} } }));
    assert_eq!(code(&view(&[pod_with("p", &running)])), None);
}

#[test]
fn crashes_count_only_with_all_that_is_needed_ready() {
    let view = view(&[pod_with("p", &crashed(5, 10))]);
    assert_eq!(found_when(&view, None, at(20)), None, "not ready");
    assert_eq!(found_when(&view, Some(at(11)), at(20)), None, "ready only since the last crash");
    assert!(found_when(&view, Some(at(10)), at(20)).is_some());
}

#[test]
fn restarts_before_this_run_are_not_its_failure() {
    let mut view = begun_with(&[pod_with("p", &crashed(5, 0))]);
    assert_eq!(code(&view), None);
    happen(&mut view, &[pod_with("p", &crashed(6, 1))]);
    assert_eq!(code(&view), Some(ProblemCode::CrashLoop));
}

#[test]
fn init_containers_are_looked_at_first() {
    let init = with(crashed(3, 0), &json!({ "name": "init" }));
    let status = json!({ "initContainerStatuses": [init], "containerStatuses": [waits("PodInitializing", "")] });
    let mut view = view(&[pod("p", &status)]);
    assert_eq!(found(&view).and_then(|problem| problem.container).as_deref(), Some("init"));
    view.begin();
    assert_eq!(code(&view), None);
}

fn creating() -> LiveObject {
    pod_with("p", &waits("ContainerCreating", ""))
}

fn attach(name: &str, message: &str) -> LiveObject {
    warning(name, &creating(), "FailedAttachVolume", message, 1)
}

const IN_USE: &str = "Multi-Attach error for volume \"pv\" Volume is already used by pod(s) cht-couchdb-1-abc";
const DETACHING: &str = "Multi-Attach error for volume \"pv\" Volume is already exclusively attached to one node and \
                         can't be attached to another";

#[test]
fn a_volume_that_another_pod_has_is_a_problem() {
    let problem = found(&view(&[creating(), attach("e", IN_USE)])).expect("in use");
    assert_eq!((problem.code, problem.message.as_str()), (ProblemCode::VolumeAttached, IN_USE));
    assert_eq!(code(&begun_with(&[creating(), attach("e", IN_USE)])), None, "of an earlier run");
}

#[test]
fn a_volume_that_is_being_detached_is_waited_for() {
    assert_eq!(code(&view(&[creating(), attach("e", DETACHING)])), None);
    let attached = object(
        Kind::Event,
        "f",
        &json!({ "involvedObject": { "uid": creating().uid() }, "type": "Normal", "reason": "SuccessfulAttachVolume" }),
    );
    assert_eq!(code(&view(&[creating(), attach("e", IN_USE), attached])), None, "it was attached after that");
    let started = pod_with("p", &container(&json!({ "running": {} })));
    assert_eq!(code(&view(&[started, attach("e", IN_USE)])), None, "the pod has run since");
    let crashed_since = pod_with("p", &crashed(1, 0));
    assert_eq!(code(&view(&[crashed_since, attach("e", IN_USE)])), None);
}

#[test]
fn what_a_pod_does_is_said_in_words() {
    let said = |objects: &[LiveObject]| {
        let view = view(objects);
        progress(&view, &view.pods["p"])
    };
    let running = |rest: &Value| pod_with("p", &with(container(&json!({ "running": {} })), rest));
    let ready = json!({ "ready": true });
    let texts = [
        said(&[unplaced("p", "0/1 nodes are available: 1 Insufficient memory.")]),
        said(&[object(Kind::Pod, "p", &json!({ "spec": { "containers": [] } }))]),
        said(&[pod("p", &json!({}))]),
        said(&[creating()]),
        said(&[creating(), attach("e", DETACHING)]),
        said(&[pod_with("p", &waits("PodInitializing", ""))]),
        said(&[back_off()]),
        said(&[pod_with("p", &waits("RunContainerError", ""))]),
        said(&[running(&json!({}))]),
        said(&[running(&json!({ "restartCount": 2 }))]),
        said(&[running(&ready)]),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r#"
    no node takes the pod yet: 0/1 nodes are available: 1 Insufficient memory.
    the pod waits for a node
    the pod starts
    api: volumes are mounted and the image is pulled
    api: its volumes are not there yet: Multi-Attach error for volume "pv" Volume is already exclusively attached to one node and can't be attached to another
    api: volumes are mounted and the image is pulled
    api: ImagePullBackOff: Back-off pulling image "cht/api:1"
    api: RunContainerError
    api runs and is not ready yet
    api is not ready, and has restarted 2 times
    the pod starts
    "#);
}
