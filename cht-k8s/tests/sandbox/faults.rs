//! What goes wrong when it is told to, or by itself.

use cht_k8s::sandbox::{Fault, Sandbox, Verb};
use cht_k8s::{Cluster, ClusterError, LogOptions};
use cht_manifests::{Kind, ObjectKey};
use futures::executor::block_on;
use serde_json::json;

use crate::support::*;

fn seconds(sandbox: &Sandbox) -> i64 {
    sandbox.clock().now().as_second()
}

#[test]
fn an_image_that_cannot_be_pulled_is_tried_again_ever_more_rarely() {
    let sandbox = sandbox();
    sandbox.fail(Fault::ImagePull { image: "image:bad".to_owned(), message: "image:bad: not found".to_owned() });
    apply(&sandbox, &deployment("web", "r.io/image:bad"));
    let status = wait_reason(&sandbox, "ErrImagePull");
    assert_eq!(status["state"]["waiting"]["message"], "rpc error: code = Unknown desc = image:bad: not found");
    let first = seconds(&sandbox);
    let status = wait_reason(&sandbox, "ImagePullBackOff");
    assert_eq!(status["state"]["waiting"]["message"], "Back-off pulling image \"r.io/image:bad\"");
    let is_pull = |event: &cht_k8s::LiveObject, count: u32| {
        event.text("/message").is_some_and(|text| text.starts_with("Failed to pull image \"r.io/image:bad\""))
            && event.value()["count"] == count
    };
    for (count, after) in [(2, 10), (3, 30), (4, 70)] {
        wait(&sandbox, Kind::Event, "one more pull", |events| events.iter().any(|event| is_pull(event, count)));
        assert_eq!(seconds(&sandbox) - first, after);
    }
    sandbox.heal();
    wait_ready(&sandbox, "web");
}

#[test]
fn a_crash_loop_backs_off() {
    let sandbox = sandbox();
    let log = "line 1\nline 2\nno route to haproxy";
    sandbox.fail(Fault::CrashLoop { container: "web".to_owned(), exit_code: 3, log: log.to_owned() });
    apply(&sandbox, &deployment("web", "image:1"));
    let status = wait_reason(&sandbox, "CrashLoopBackOff");
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 3);
    assert_eq!(status["restartCount"], 1);
    let message = status["state"]["waiting"]["message"].as_str().unwrap();
    assert!(message.starts_with("back-off 10s restarting failed container=web pod=web-"), "{message}");
    wait_event(&sandbox, "BackOff", 3);
    let pod = list(&sandbox, Kind::Pod).remove(0);
    assert_eq!(pod.value()["status"]["containerStatuses"][0]["restartCount"], 3);

    let previous = LogOptions { previous: true, tail: 2 };
    let lines = block_on(sandbox.logs(&pod.key(), "web", previous)).unwrap();
    assert_eq!(lines, "line 2\nno route to haproxy\n");

    sandbox.heal();
    wait_ready(&sandbox, "web");
}

#[test]
fn without_a_probe_a_crash_or_a_told_delay_keeps_the_pod_from_being_ready_all_the_same() {
    let bare = deployment_with("web", "image:1", |spec| {
        spec["template"]["spec"]["containers"][0].as_object_mut().unwrap().remove("readinessProbe");
    });
    for fault in [
        Fault::CrashLoop { container: "web".to_owned(), exit_code: 1, log: String::new() },
        Fault::NeverReady { container: "web".to_owned() },
    ] {
        let sandbox = sandbox();
        sandbox.fail(fault);
        apply(&sandbox, &bare);
        for _ in 0..600 {
            block_on(sandbox.clock().sleep(std::time::Duration::from_millis(250)));
            let pods = list(&sandbox, Kind::Pod);
            assert!(
                pods.iter().all(|pod| pod.value().pointer("/status/containerStatuses/0/ready") != Some(&json!(true)))
            );
        }
        sandbox.heal();
        wait_ready(&sandbox, "web");
    }
}

#[test]
fn a_container_that_runs_can_begin_to_crash() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    wait_ready(&sandbox, "web");
    sandbox.fail(Fault::CrashLoop { container: "web".to_owned(), exit_code: 1, log: String::new() });
    wait_reason(&sandbox, "CrashLoopBackOff");
    assert!(!is_rolled_out(&get(&sandbox, Kind::Deployment, "web")));
}

#[test]
fn a_container_that_is_never_ready_runs() {
    let sandbox = sandbox();
    sandbox.fail(Fault::NeverReady { container: "web".to_owned() });
    apply(&sandbox, &deployment("web", "image:1"));
    wait_event(&sandbox, "Unhealthy", 2);
    let pod = &list(&sandbox, Kind::Pod)[0];
    assert_eq!(pod.text("/status/phase"), Some("Running"));
    assert_eq!(pod.value()["status"]["containerStatuses"][0]["ready"], false);
    sandbox.heal();
    wait_ready(&sandbox, "web");
}

#[test]
fn a_missing_key_of_a_secret_keeps_the_container_from_being_made() {
    let sandbox = sandbox();
    let needs_key = deployment_with("web", "image:1", |spec| {
        spec["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]);
    });
    apply(&sandbox, &needs_key);
    let status = wait_reason(&sandbox, "CreateContainerConfigError");
    assert_eq!(status["state"]["waiting"]["message"], "secret \"s\" not found");
    apply(&sandbox, &secret("s", &json!({"other": "eA=="})));
    wait(&sandbox, Kind::Pod, "the key", |pods| {
        pods[0].text("/status/containerStatuses/0/state/waiting/message") == Some("couldn't find key k in Secret ns/s")
    });
    apply(&sandbox, &secret("s", &json!({"k": "eA=="})));
    wait_ready(&sandbox, "web");
}

#[test]
fn a_configuration_can_be_told_to_be_wrong() {
    let sandbox = sandbox();
    sandbox.fail(Fault::ConfigError { container: "web".to_owned(), message: "no such thing".to_owned() });
    apply(&sandbox, &deployment("web", "image:1"));
    assert_eq!(wait_reason(&sandbox, "CreateContainerConfigError")["state"]["waiting"]["message"], "no such thing");
    wait_event(&sandbox, "Failed", 1);
}

#[test]
fn an_image_name_that_is_none_is_refused_by_the_kubelet() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "Not An Image"));
    wait_reason(&sandbox, "InvalidImageName");
}

#[test]
fn a_missing_volume_source_is_reported() {
    let sandbox = sandbox();
    let mounts = deployment_with("web", "image:1", |spec| {
        spec["template"]["spec"]["volumes"] = json!([{"name": "c", "configMap": {"name": "settings"}}]);
    });
    apply(&sandbox, &mounts);
    let event = wait_event(&sandbox, "FailedMount", 2);
    assert_eq!(
        event.text("/message"),
        Some("MountVolume.SetUp failed for volume \"c\" : configmap \"settings\" not found")
    );
    apply(&sandbox, &config("settings", &json!({"a": "b"})));
    wait_ready(&sandbox, "web");
}

#[test]
fn the_pods_of_a_deployment_can_be_told_to_find_no_machine() {
    let sandbox = sandbox();
    let message = "0/3 nodes are available: 3 Insufficient memory.";
    sandbox.fail(Fault::Unschedulable { deployment: "web".to_owned(), message: message.to_owned() });
    apply(&sandbox, &deployment("web", "image:1"));
    apply(&sandbox, &deployment("other", "image:1"));
    assert_eq!(wait_event(&sandbox, "FailedScheduling", 2).text("/message"), Some(message));
    wait_ready(&sandbox, "other");
    sandbox.heal();
    wait_ready(&sandbox, "web");
}

#[test]
fn requests_fail_as_often_as_told() {
    let sandbox = sandbox();
    let error = ClusterError::Unavailable { status: 503, message: "busy".to_owned(), retry_after: None };
    sandbox.fail(Fault::Api { verb: Verb::List, kind: Some(Kind::Pod), times: 2, error: error.clone() });
    let before = sandbox.requests();
    for _ in 0..2 {
        assert_eq!(block_on(sandbox.list(Kind::Pod, Some(NAMESPACE))), Err(error.clone()));
    }
    block_on(sandbox.list(Kind::Secret, Some(NAMESPACE))).unwrap();
    block_on(sandbox.list(Kind::Pod, Some(NAMESPACE))).unwrap();
    assert_eq!(sandbox.requests() - before, 4);
}

#[test]
fn logs_are_there_when_the_container_has_run() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    let now = LogOptions { previous: false, tail: 20 };
    let pods = wait(&sandbox, Kind::Pod, "a node", |pods| pods.iter().any(|pod| pod.text("/spec/nodeName").is_some()));
    let pod = pods[0].key();
    let error = block_on(sandbox.logs(&pod, "web", now)).unwrap_err();
    assert!(error.to_string().contains("is waiting to start: ContainerCreating"), "{error}");
    wait_ready(&sandbox, "web");
    assert_eq!(block_on(sandbox.logs(&pod, "web", now)).unwrap(), "web has started\n");
    for (pod, container, options) in [
        (&pod, "web", LogOptions { previous: true, tail: 20 }),
        (&pod, "other", now),
        (&ObjectKey::new(Kind::Pod, NAMESPACE, "gone"), "web", now),
    ] {
        let error = block_on(sandbox.logs(pod, container, options)).unwrap_err();
        assert!(matches!(error, ClusterError::Invalid { .. }), "{error}");
    }
}
