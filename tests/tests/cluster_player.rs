//! The node player on a real API server: what it plays looks as a kubelet's work does.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::Duration;

use cht_tests::cluster::TestCluster;
use cht_tests::player::{Behaviour, Binding, NODES, Player, Script};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, Namespace, Node, PersistentVolumeClaim, Pod};
use kube::api::{DeleteParams, ListParams, LogParams, Patch, PatchParams, PostParams};
use kube::core::NamespaceResourceScope;
use kube::runtime::conditions::{is_deployment_completed, is_job_completed};
use kube::runtime::wait::{Condition, await_condition};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, ResourceExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_mins(1);

fn at_once() -> Script {
    Script::ready_after(Duration::ZERO)
}

fn deployment(image: &str) -> Value {
    json!({
        "metadata": {"name": "app"},
        "spec": {
            "selector": {"matchLabels": {"app": "app"}},
            "template": {
                "metadata": {"labels": {"app": "app"}},
                "spec": {"containers": [{
                    "name": "app",
                    "image": image,
                    "readinessProbe": {"tcpSocket": {"port": 80}},
                }]},
            },
        },
    })
}

async fn create<K>(client: &Client, namespace: &str, object: Value) -> K
where
    K: kube::Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + Serialize
        + DeserializeOwned,
{
    let object = serde_json::from_value(object).unwrap();
    Api::<K>::namespaced(client.clone(), namespace).create(&PostParams::default(), &object).await.unwrap()
}

/// Waits until the named object fulfils the condition, and returns it.
async fn until<K>(client: &Client, namespace: &str, name: &str, condition: impl Condition<K>) -> Option<K>
where
    K: kube::Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + Send
        + DeserializeOwned
        + 'static,
{
    let api = Api::<K>::namespaced(client.clone(), namespace);
    tokio::time::timeout(TIMEOUT, await_condition(api, name, condition)).await.expect("not within a minute").unwrap()
}

/// Waits until the first container of some pod is as wanted, and returns that pod.
async fn until_container(client: &Client, namespace: &str, is_wanted: impl Fn(&ContainerStatus) -> bool) -> Pod {
    let fits = |pod: &Pod| container(pod).is_some_and(&is_wanted);
    let stream = watcher(Api::<Pod>::namespaced(client.clone(), namespace), watcher::Config::default());
    let mut pods = std::pin::pin!(stream.applied_objects());
    let first = async {
        loop {
            let pod = futures::TryStreamExt::try_next(&mut pods).await.unwrap().expect("a watch does not end");
            if fits(&pod) {
                return pod;
            }
        }
    };
    tokio::time::timeout(TIMEOUT, first).await.expect("not within a minute")
}

fn container(pod: &Pod) -> Option<&ContainerStatus> {
    pod.status.as_ref()?.container_statuses.as_ref()?.first()
}

fn waits_for(status: &ContainerStatus, reason: &str) -> bool {
    let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
    waiting.is_some_and(|waiting| waiting.reason.as_deref() == Some(reason))
}

/// Type, reason, message and count of the events about this pod that a kubelet writes.
async fn kubelet_events(client: &Client, pod: &Pod) -> Vec<(String, String, String, i32)> {
    let about = ListParams::default().fields(&format!("involvedObject.uid={}", pod.uid().unwrap()));
    let events = Api::<Event>::namespaced(client.clone(), &pod.namespace().unwrap()).list(&about).await.unwrap();
    let by_kubelet =
        |event: &Event| event.source.as_ref().and_then(|source| source.component.as_deref()) == Some("kubelet");
    events
        .into_iter()
        .filter(by_kubelet)
        .map(|event| {
            (event.type_.unwrap(), event.reason.unwrap(), event.message.unwrap(), event.count.unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn a_deployment_with_a_claim_becomes_available() {
    for binding in [Binding::Immediate, Binding::WaitForFirstConsumer] {
        let cluster = TestCluster::connect().await;
        cluster
            .with_temp_namespace(async |cluster, namespace| {
                let client = cluster.client();
                let player = Player::start(&cluster, &namespace, at_once()).await.unwrap();
                let class = player.storage_class("fast", binding).await.unwrap();
                let claim = json!({
                    "metadata": {"name": "data"},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "storageClassName": class,
                        "resources": {"requests": {"storage": "100Mi"}},
                    },
                });
                create::<PersistentVolumeClaim>(&client, &namespace, claim).await;
                let mut object = deployment("example.org/app:1");
                object["spec"]["template"]["spec"]["volumes"] =
                    json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
                create::<Deployment>(&client, &namespace, object).await;

                until(&client, &namespace, "app", is_deployment_completed()).await;
                let bound = |claim: Option<&PersistentVolumeClaim>| {
                    claim.and_then(|claim| claim.status.as_ref()?.phase.as_deref()) == Some("Bound")
                };
                until(&client, &namespace, "data", bound).await;
                let seen = player.seen();
                assert_eq!(seen.ready(), 1);
                assert!(seen.volumes.contains_key("data"));
                assert!(NODES.contains(&seen.pods.values().next().unwrap().node.as_str()));
                player.stop().await.unwrap();
            })
            .await;
    }
}

#[tokio::test]
async fn a_crash_loop_shows_as_one_and_ends_when_told() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster, namespace| {
            let client = cluster.client();
            let crash = Behaviour::CrashLoop { exit_code: 3, message: "no database".to_owned() };
            let player = Player::start(&cluster, &namespace, at_once().container("app", crash)).await.unwrap();
            create::<Deployment>(&client, &namespace, deployment("example.org/app:1")).await;

            let pod = until_container(&client, &namespace, |status| {
                waits_for(status, "CrashLoopBackOff") && status.restart_count >= 2
            })
            .await;
            let status = container(&pod).unwrap();
            let last = status.last_state.clone().unwrap().terminated.unwrap();
            assert_eq!((last.exit_code, last.message.as_deref()), (3, Some("no database")));
            assert!(!status.ready);
            let events = kubelet_events(&client, &pod).await;
            assert!(
                events.iter().any(|(kind, reason, _, count)| kind == "Warning" && reason == "BackOff" && *count >= 2),
                "{events:?}"
            );

            // Nothing listens for a request for its log: that fails, and at once.
            let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
            let log = async { pods.logs(&pod.name_any(), &LogParams::default()).await };
            tokio::time::timeout(Duration::from_secs(10), log).await.expect("not at once").unwrap_err();

            player.script(|script| script.container("app", Behaviour::Ready { after: Duration::ZERO }));
            until(&client, &namespace, "app", is_deployment_completed()).await;
        })
        .await;
}

#[tokio::test]
async fn a_bad_image_shows_as_one_and_a_good_one_rolls_out() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster, namespace| {
            let client = cluster.client();
            let missing = Behaviour::ImagePull { message: "manifest unknown".to_owned() };
            let player = Player::start(&cluster, &namespace, at_once().image(":missing", missing)).await.unwrap();
            create::<Deployment>(&client, &namespace, deployment("example.org/app:missing")).await;

            let pod = until_container(&client, &namespace, |status| waits_for(status, "ErrImagePull")).await;
            assert_eq!(pod.status.as_ref().unwrap().phase.as_deref(), Some("Pending"));
            until_container(&client, &namespace, |status| waits_for(status, "ImagePullBackOff")).await;
            let events = kubelet_events(&client, &pod).await;
            let says = |text: &str| events.iter().any(|(_, _, message, _)| message == text);
            assert!(says("Failed to pull image \"example.org/app:missing\": manifest unknown"), "{events:?}");
            assert!(says("Error: ErrImagePull"), "{events:?}");

            let deployments = Api::<Deployment>::namespaced(client.clone(), &namespace);
            let path = "/spec/template/spec/containers/0/image";
            let image = json!([{ "op": "replace", "path": path, "value": "example.org/app:2" }]);
            let image = Patch::Json::<()>(serde_json::from_value(image).unwrap());
            let object = deployments.patch("app", &PatchParams::default(), &image).await.unwrap();
            let rolled_out = |deployment: Option<&Deployment>| {
                let status = deployment.and_then(|deployment| deployment.status.as_ref());
                status.is_some_and(|status| {
                    status.observed_generation == object.metadata.generation
                        && status.updated_replicas == Some(1)
                        && status.available_replicas == Some(1)
                })
            };
            until(&client, &namespace, "app", rolled_out).await;
            player.wait_until("the end of the pod with the bad image", |seen| seen.deleted == 1).await.unwrap();
        })
        .await;
}

#[tokio::test]
async fn a_missing_secret_and_an_unready_container_show() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster, namespace| {
            let client = cluster.client();
            let missing = Behaviour::ConfigError { message: "secret \"keys\" not found".to_owned() };
            let player = Player::start(&cluster, &namespace, at_once().container("app", missing)).await.unwrap();
            create::<Deployment>(&client, &namespace, deployment("example.org/app:1")).await;
            let pod =
                until_container(&client, &namespace, |status| waits_for(status, "CreateContainerConfigError")).await;
            let events = kubelet_events(&client, &pod).await;
            assert_eq!(events[0].2, "Error: secret \"keys\" not found");

            player.script(|script| script.container("app", Behaviour::NeverReady));
            let running = |status: &ContainerStatus| status.state.as_ref().is_some_and(|state| state.running.is_some());
            let pod = until_container(&client, &namespace, running).await;
            assert!(!container(&pod).unwrap().ready);
            let events = kubelet_events(&client, &pod).await;
            assert!(events.iter().any(|(kind, reason, ..)| kind == "Warning" && reason == "Unhealthy"), "{events:?}");
        })
        .await;
}

#[tokio::test]
async fn a_pod_without_a_place_stays_pending() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster, namespace| {
            let client = cluster.client();
            let player = Player::start(&cluster, &namespace, at_once()).await.unwrap();
            let mut object = deployment("example.org/app:1");
            object["spec"]["template"]["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "nowhere"});
            create::<Deployment>(&client, &namespace, object).await;
            let stream = watcher(Api::<Pod>::namespaced(client.clone(), &namespace), watcher::Config::default());
            let unschedulable = async {
                let mut pods = std::pin::pin!(stream.applied_objects());
                while let Some(pod) = futures::TryStreamExt::try_next(&mut pods).await.unwrap() {
                    let conditions = pod.status.and_then(|status| status.conditions).unwrap_or_default();
                    if conditions.iter().any(|condition| condition.reason.as_deref() == Some("Unschedulable")) {
                        return;
                    }
                }
            };
            tokio::time::timeout(TIMEOUT, unschedulable).await.expect("not within a minute");
            assert_eq!(player.seen().pods.len(), 0);
        })
        .await;
}

#[tokio::test]
async fn a_job_completes_and_a_failing_one_fails() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster, namespace| {
            let client = cluster.client();
            let fails = Behaviour::Exit { code: 1, after: Duration::ZERO };
            let player = Player::start(&cluster, &namespace, at_once().container("bad", fails)).await.unwrap();
            let job = |name: &str| {
                let containers = json!([{"name": name, "image": "example.org/job:1"}]);
                json!({
                    "metadata": {"name": name},
                    "spec": {
                        "backoffLimit": 0,
                        "template": {"spec": {"restartPolicy": "Never", "containers": containers}},
                    },
                })
            };
            create::<Job>(&client, &namespace, job("good")).await;
            create::<Job>(&client, &namespace, job("bad")).await;
            until(&client, &namespace, "good", is_job_completed()).await;
            let failed = |job: Option<&Job>| {
                job.and_then(|job| job.status.as_ref()).is_some_and(|status| status.failed == Some(1))
            };
            until(&client, &namespace, "bad", failed).await;
            let seen = player.seen();
            assert_eq!((seen.in_phase("Succeeded"), seen.in_phase("Failed")), (1, 1));
        })
        .await;
}

#[tokio::test]
async fn deleted_pods_end_after_their_delay() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster, namespace| {
            let client = cluster.client();
            let delay = Duration::from_millis(300);
            let player = Player::start(&cluster, &namespace, at_once().stopping_after(delay)).await.unwrap();
            create::<Deployment>(&client, &namespace, deployment("example.org/app:1")).await;
            player.wait_until("a ready pod", |seen| seen.ready() == 1).await.unwrap();

            let begun = std::time::Instant::now();
            let deployments = Api::<Deployment>::namespaced(client.clone(), &namespace);
            deployments.delete("app", &DeleteParams::foreground()).await.unwrap();
            player.wait_until("its end", |seen| seen.deleted == 1).await.unwrap();
            assert!(begun.elapsed() >= delay);
            until::<Deployment>(&client, &namespace, "app", |found: Option<&Deployment>| found.is_none()).await;
        })
        .await;
}

#[tokio::test]
async fn nothing_stays_behind_when_a_test_panics() {
    let cluster = TestCluster::connect().await;
    let client = cluster.client();
    let (tell, told) = tokio::sync::oneshot::channel();
    let test = cluster.with_temp_namespace(async |cluster, namespace| {
        let player = Player::start(&cluster, &namespace, at_once()).await.unwrap();
        player.storage_class("left", Binding::Immediate).await.unwrap();
        tell.send(namespace).unwrap();
        panic!("on purpose");
    });
    let panic = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(test)).await;
    assert!(panic.is_err());

    let namespace = told.await.unwrap();
    let found = Api::<Namespace>::all(client.clone()).get_opt(&namespace).await.unwrap();
    assert!(found.is_none_or(|namespace| namespace.metadata.deletion_timestamp.is_some()));
    let owned = ListParams::default().labels(&format!("{}={namespace}", cht_tests::cluster::OWNER_LABEL));
    let classes = Api::<k8s_openapi::api::storage::v1::StorageClass>::all(client.clone()).list(&owned).await.unwrap();
    assert_eq!(classes.items.len(), 0);
    // Other tests may hold the nodes; this one does not any more.
    for node in Api::<Node>::all(client).list(&ListParams::default()).await.unwrap() {
        assert!(!node.annotations().keys().any(|holder| holder.contains(&namespace)), "{}", node.name_any());
    }
}
