//! Deployments roll out as their strategy says.

use std::time::Duration;

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{Cluster, LiveObject};
use cht_manifests::Kind;
use futures::executor::block_on;
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn a_deployment_becomes_ready_while_it_is_watched() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    assert!(list(&sandbox, Kind::Pod).is_empty(), "no time has passed yet");
    let ready = wait_ready(&sandbox, "web");
    assert_eq!(condition(&ready, "Progressing"), ["True", "NewReplicaSetAvailable"]);
    assert_eq!(condition(&ready, "Available"), ["True", "MinimumReplicasAvailable"]);
    let pods = list(&sandbox, Kind::Pod);
    assert_eq!(pods.len(), 1);
    assert_eq!(pods[0].text("/status/phase"), Some("Running"));
    assert_eq!(pods[0].text("/spec/nodeName"), Some("sandbox"));
    let set = &list(&sandbox, Kind::ReplicaSet)[0];
    assert_eq!(set.label("pod-template-hash"), pods[0].label("pod-template-hash"));
    assert_eq!(set.text("/metadata/ownerReferences/0/uid"), Some(ready.uid()));
    assert_eq!(pods[0].text("/metadata/ownerReferences/0/uid"), Some(set.uid()));
}

fn condition<'a>(deployment: &'a LiveObject, name: &str) -> [&'a str; 2] {
    let conditions = deployment.value()["status"]["conditions"].as_array().unwrap();
    let condition = conditions.iter().find(|condition| condition["type"] == name).unwrap();
    [condition["status"].as_str().unwrap(), condition["reason"].as_str().unwrap()]
}

#[test]
fn the_clock_alone_makes_time_pass_too() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    let clock = sandbox.clock();
    let before = clock.now();
    block_on(clock.sleep(Duration::from_mins(1)));
    assert_eq!(clock.now().duration_since(before).as_secs(), 60);
    assert!(is_rolled_out(&get(&sandbox, Kind::Deployment, "web")));
}

#[test]
fn the_same_requests_have_the_same_result() {
    let run = || {
        let sandbox = sandbox();
        apply(&sandbox, &claim("data", &json!({})));
        apply(&sandbox, &deployment_on("web", "data"));
        wait_ready(&sandbox, "web");
        [Kind::Deployment, Kind::Pod, Kind::PersistentVolumeClaim, Kind::Event]
            .map(|kind| list(&sandbox, kind).iter().map(|object| object.value().clone()).collect::<Vec<_>>())
    };
    assert_eq!(run(), run());
}

#[test]
fn recreate_has_never_two_pods() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    wait_ready(&sandbox, "web");
    let old = list(&sandbox, Kind::Pod)[0].uid().to_owned();
    let changed = apply(&sandbox, &deployment("web", "image:2"));
    assert_eq!(changed.value()["metadata"]["generation"], 2);
    let mut most = 0;
    wait(&sandbox, Kind::Pod, "the new pod", |pods| {
        most = most.max(pods.len());
        pods.iter().any(|pod| pod.uid() != old && pod.text("/status/phase") == Some("Running"))
    });
    assert_eq!(most, 1);
    wait_ready(&sandbox, "web");
    let mut sets = list(&sandbox, Kind::ReplicaSet);
    sets.sort_by_key(|set| revision(set).to_owned());
    assert_eq!(sets.iter().map(revision).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(sets.iter().map(|set| &set.value()["spec"]["replicas"]).collect::<Vec<_>>(), [&json!(0), &json!(1)]);
}

fn revision(object: &LiveObject) -> &str {
    object.text("/metadata/annotations/deployment.kubernetes.io~1revision").unwrap()
}

#[test]
fn going_back_to_a_template_uses_its_replica_set_again() {
    let sandbox = sandbox();
    for image in ["image:1", "image:2", "image:1"] {
        apply(&sandbox, &deployment("web", image));
        wait_ready(&sandbox, "web");
    }
    assert_eq!(list(&sandbox, Kind::ReplicaSet).len(), 2);
    assert_eq!(revision(&get(&sandbox, Kind::Deployment, "web")), "3");
}

/// The most and the fewest serving pods while a second template rolls out.
fn roll(strategy: &Value, replicas: u32) -> (usize, usize) {
    let sandbox = sandbox();
    let make = |image: &str| {
        deployment_with("web", image, |spec| {
            spec["replicas"] = json!(replicas);
            spec["strategy"] = strategy.clone();
        })
    };
    apply(&sandbox, &make("image:1"));
    wait_ready(&sandbox, "web");
    let old: Vec<_> = list(&sandbox, Kind::Pod).iter().map(|pod| pod.uid().to_owned()).collect();
    apply(&sandbox, &make("image:2"));
    let (mut most, mut fewest) = (0, usize::MAX);
    wait(&sandbox, Kind::Pod, "only new pods", |pods| {
        let staying: Vec<_> = pods.iter().filter(|pod| !pod.is_terminating()).collect();
        most = most.max(staying.len());
        fewest = fewest.min(staying.iter().filter(|pod| is_ready(pod)).count());
        !pods.iter().any(|pod| old.contains(&pod.uid().to_owned())) && staying.iter().all(|pod| is_ready(pod))
    });
    wait_ready(&sandbox, "web");
    (most, fewest)
}

fn is_ready(pod: &LiveObject) -> bool {
    let conditions = pod.value()["status"]["conditions"].as_array();
    conditions.into_iter().flatten().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

#[test]
fn a_rolling_update_starts_the_new_pod_first() {
    assert_eq!(roll(&json!({"type": "RollingUpdate"}), 1), (2, 1));
}

#[test]
fn a_rolling_update_without_surge_stops_the_old_pod_first() {
    let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}});
    assert_eq!(roll(&strategy, 1), (1, 0));
    assert_eq!(roll(&strategy, 3), (3, 2));
}

#[test]
fn scaling_adds_and_removes_pods() {
    let sandbox = sandbox();
    let make = |replicas: u32| deployment_with("web", "image:1", |spec| spec["replicas"] = json!(replicas));
    for replicas in [1, 3, 0, 2] {
        apply(&sandbox, &make(replicas));
        wait_ready(&sandbox, "web");
        wait(&sandbox, Kind::Pod, "as many pods", |pods| pods.len() == replicas as usize);
    }
}

#[test]
fn what_a_deployment_owned_goes_with_it() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    wait_ready(&sandbox, "web");
    assert!(delete(&sandbox, Kind::Deployment, "web"));
    wait(&sandbox, Kind::Pod, "no pod", <[_]>::is_empty);
    assert!(list(&sandbox, Kind::ReplicaSet).is_empty());
}

#[test]
fn a_deleted_pod_comes_back_under_another_name() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    wait_ready(&sandbox, "web");
    let name = list(&sandbox, Kind::Pod)[0].name().to_owned();
    assert!(delete(&sandbox, Kind::Pod, &name));
    assert!(get(&sandbox, Kind::Pod, &name).is_terminating(), "it has its grace period");
    wait(&sandbox, Kind::Pod, "another pod", |pods| pods.len() == 1 && pods[0].name() != name && is_ready(&pods[0]));
}

#[test]
fn readiness_takes_as_long_as_it_is_told() {
    let sandbox = with_namespace(Sandbox::builder().pods_ready_after(Duration::from_mins(2)).build());
    let before = sandbox.clock().now();
    apply(&sandbox, &deployment("web", "image:1"));
    wait_ready(&sandbox, "web");
    assert!(sandbox.clock().now().duration_since(before).as_secs() >= 120);
}

#[test]
fn late_rollouts_are_reported_after_the_deadline() {
    let sandbox = sandbox();
    sandbox.fail(cht_k8s::sandbox::Fault::NeverReady { container: "web".to_owned() });
    apply(&sandbox, &deployment("web", "image:1"));
    let before = sandbox.clock().now();
    let found = wait(&sandbox, Kind::Deployment, "the deadline", |objects| {
        condition_reason(&objects[0], "Progressing") == Some("ProgressDeadlineExceeded")
    });
    assert_eq!(condition(&found[0], "Progressing"), ["False", "ProgressDeadlineExceeded"]);
    let waited = sandbox.clock().now().duration_since(before).as_secs();
    assert!((600..660).contains(&waited), "{waited}");
}

fn condition_reason<'a>(deployment: &'a LiveObject, name: &str) -> Option<&'a str> {
    let conditions = deployment.value()["status"]["conditions"].as_array()?;
    conditions.iter().find(|condition| condition["type"] == name)?["reason"].as_str()
}

#[test]
fn several_threads_and_one_thread_see_the_same() {
    async fn ready() {
        let sandbox = std::sync::Arc::new(Sandbox::new());
        sandbox.apply(&namespace(NAMESPACE), cht_k8s::ApplyMode::Respect).await.unwrap();
        let listing = sandbox.list(Kind::Deployment, Some(NAMESPACE)).await.unwrap();
        let watch = sandbox.watch(Kind::Deployment, NAMESPACE, &listing.resource_version).await.unwrap();
        let watcher = tokio::spawn(async move {
            use futures::StreamExt;
            let mut watch = watch;
            loop {
                let event = watch.next().await.unwrap().unwrap();
                if matches!(&event, cht_k8s::WatchEvent::Changed(object) if is_rolled_out(object)) {
                    return;
                }
            }
        });
        // A watch that nobody looks at holds nothing up.
        let _unread = sandbox.watch(Kind::Pod, NAMESPACE, &listing.resource_version).await.unwrap();
        tokio::task::yield_now().await;
        sandbox.apply(&deployment("web", "image:1"), cht_k8s::ApplyMode::Respect).await.unwrap();
        watcher.await.unwrap();
    }
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(ready());
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(ready());
}

#[test]
fn a_pod_without_a_suitable_machine_says_why() {
    use cht_k8s::sandbox::SandboxNode;
    let nodes = [SandboxNode::new("a").label("disk", "slow"), SandboxNode::new("b").taint("only", "db", "NoSchedule")];
    let sandbox = with_namespace(Sandbox::new().with_nodes(nodes));
    let picky = |edit: fn(&mut Value)| deployment_with("web", "image:1", |spec| edit(&mut spec["template"]["spec"]));
    apply(&sandbox, &picky(|pod| pod["nodeSelector"] = json!({"disk": "fast"})));
    let event = wait_event(&sandbox, "FailedScheduling", 1);
    assert_eq!(event.text("/message"), Some("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity."));
    let pod = &list(&sandbox, Kind::Pod)[0];
    assert_eq!(pod.text("/status/conditions/0/reason"), Some("Unschedulable"));

    let tolerant = picky(|pod| pod["tolerations"] = json!([{"key": "only", "operator": "Equal", "value": "db"}]));
    apply(&sandbox, &tolerant);
    wait_ready(&sandbox, "web");

    let on_b = picky(|pod| pod["nodeSelector"] = json!({"kubernetes.io/hostname": "b"}));
    apply(&sandbox, &on_b);
    wait(&sandbox, Kind::Event, "the taint", |events| {
        events.iter().any(|event| event.text("/message").is_some_and(|text| text.contains("had taint {only: db}")))
    });
}

#[test]
fn a_machine_is_made_up_for_each_host_that_is_asked_for() {
    let sandbox = sandbox();
    let make = deployment_with("web", "image:1", |spec| {
        spec["template"]["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "node-7", "zone": "x"});
    });
    apply(&sandbox, &make);
    wait_ready(&sandbox, "web");
    assert_eq!(list(&sandbox, Kind::Pod)[0].text("/spec/nodeName"), Some("node-7"));
}

#[test]
fn init_containers_run_before_the_others() {
    let sandbox = sandbox();
    let make = deployment_with("web", "image:1", |spec| {
        spec["template"]["spec"]["initContainers"] = json!([{"name": "first", "image": "image:1"}]);
    });
    apply(&sandbox, &make);
    let pods = wait(&sandbox, Kind::Pod, "initialized", |pods| {
        pods.iter().any(|pod| {
            pod.value().pointer("/status/initContainerStatuses/0/state/terminated/exitCode") == Some(&json!(0))
        })
    });
    assert_eq!(
        pods[0].text("/status/containerStatuses/0/state/waiting/reason"),
        Some("PodInitializing"),
        "{:?}",
        pods[0].value()
    );
    wait_ready(&sandbox, "web");
}
