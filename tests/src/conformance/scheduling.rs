//! Where pods may run.

use cht_k8s::LiveObject;
use cht_manifests::Kind;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::World;
use super::fields::at;
use super::objects::{changed, deployment, pod};
use super::rollout::rolled_out;

fn scheduled(pod: &LiveObject) -> Option<&Value> {
    at(pod, "/status/conditions").as_array()?.iter().find(|condition| condition["type"] == "PodScheduled")
}

/// A pod that no node fits stays pending, and says so.
pub async fn a_pod_without_a_node_says_so(world: &World) {
    world.backstage.play().await;
    let app = changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        pod(value)["nodeSelector"] = json!({ "example.org/no-node-has": "this" });
    });
    world.apply(&app).await;
    let says_so = |pods: &[LiveObject]| pods.iter().any(|pod| scheduled(pod).is_some_and(|it| it["status"] == "False"));
    let pods = world.until_all(Kind::Pod, "the scheduler's word", says_so).await;
    let condition = scheduled(&pods[0]).expect("a condition");
    assert_eq!(condition["reason"], "Unschedulable");
    let message = condition["message"].as_str().unwrap_or_default();
    // 1.20 says "match Pod's node affinity", later ones "match Pod's node affinity/selector", older ones "match node selector".
    let says_why = ["node affinity", "node selector"].iter().any(|reason| message.contains(reason));
    assert!(message.contains("nodes are available") && says_why, "{message}");
    assert_eq!(at(&pods[0], "/status/phase"), "Pending");
    assert_eq!(at(&pods[0], "/spec/nodeName"), &Value::Null);
    world
        .until_all(Kind::Event, "the scheduler's event", |events| {
            events.iter().any(|event| {
                event.text("/reason") == Some("FailedScheduling")
                    && event.text("/type") == Some("Warning")
                    && event.text("/involvedObject/uid") == Some(pods[0].uid())
            })
        })
        .await;
}

/// A pod that may run on one node alone runs there.
pub async fn a_pod_runs_on_the_node_that_it_names(world: &World) {
    world.backstage.play().await;
    let nodes = world.cluster.list(Kind::Node, None).await.expect("a list").items;
    let node = nodes.last().expect("a node");
    let host = node.label("kubernetes.io/hostname").expect("a host name");
    let app = changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        pod(value)["nodeSelector"] = json!({ "kubernetes.io/hostname": host });
    });
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let pods = world.cluster.list(Kind::Pod, Some(&world.namespace)).await.expect("a list").items;
    assert_eq!(pods[0].text("/spec/nodeName"), Some(node.name()));
}
