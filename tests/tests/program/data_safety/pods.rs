//! CouchDB never has two pods on one volume, is never force-deleted, and gets a minute to stop.

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{Cluster, Event, LiveObject, Options, UninstallOptions, WatchEvent, uninstall};
use cht_manifests::Kind;
use cht_model::{Instance, Layer, Values};
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;

/// What is rendered of CouchDB, on every platform and line that the examples have.
#[test]
fn what_is_rendered_says_so() {
    for example in ["cht-4x.yaml", "eks.yaml", "gke.yaml", "k3d.yaml", "k3s-cluster.yaml"] {
        let cht = Cht::new();
        let text = std::fs::read(cht_tests::program::workspace().join("examples").join(example)).expect("an example");
        cht.write(example, text);
        let objects = cht.run(&format!("render -o json -f {example}")).expect(0).json();
        let is_node = |object: &&Value| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            object["kind"] == "Deployment" && name.starts_with("cht-couchdb")
        };
        let nodes: Vec<_> = objects.as_array().expect("a list").iter().filter(is_node).collect();
        assert!(!nodes.is_empty(), "{example}");
        for node in nodes {
            assert_eq!(node["spec"]["replicas"], 1, "{example}");
            assert_eq!(node["spec"]["strategy"]["type"], "Recreate", "{example}");
            let grace = node.pointer("/spec/template/spec/terminationGracePeriodSeconds").and_then(Value::as_u64);
            assert!(grace >= Some(60), "{example}: {grace:?}");
        }
    }
}

/// Follows the pods of a run: how many of a CouchDB node there were at a time, and how they were deleted.
async fn watched(sandbox: &Sandbox, run: impl Future<Output = ()>) {
    let listing = sandbox.list(Kind::Pod, Some("clinic")).await.expect("a list");
    let mut alive: BTreeMap<String, LiveObject> =
        listing.items.into_iter().map(|pod| (pod.name().to_owned(), pod)).collect();
    run.await;
    let mut news = sandbox.watch(Kind::Pod, "clinic", &listing.resource_version).await.expect("a watch");
    let mut stopped = 0;
    while let Some(Some(event)) = news.next().now_or_never() {
        match event.expect("an event") {
            WatchEvent::Changed(pod) => {
                if is_couchdb(&pod) && pod.is_terminating() {
                    let grace = pod.value().pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_u64);
                    assert!(grace >= Some(60), "{}: {grace:?}", pod.name());
                    stopped += 1;
                }
                alive.insert(pod.name().to_owned(), pod);
                let mut nodes: Vec<_> =
                    alive.values().filter(|pod| is_couchdb(pod)).filter_map(|pod| pod.label("cht.service")).collect();
                let all = nodes.len();
                nodes.dedup();
                assert_eq!(nodes.len(), all, "two pods of one node: {:?}", alive.keys());
            }
            WatchEvent::Deleted(pod) => drop(alive.remove(pod.name())),
            WatchEvent::Bookmark(_) => {}
        }
    }
    assert!(stopped >= 3, "{stopped}: CouchDB was stopped");
}

fn is_couchdb(pod: &LiveObject) -> bool {
    pod.label("cht.service").is_some_and(|service| service.starts_with("couchdb"))
}

fn instance(tag: &str) -> Instance {
    let sets = THREE_NODES.split_whitespace().filter(|word| *word != "--set").map(Layer::set);
    let layers: Vec<_> = [Layer::new("values.yaml", VALUES), Layer::set(format!("cht_image_tag={tag}"))]
        .into_iter()
        .chain(sets)
        .collect();
    Values::load(&layers).expect("YAML").validate().expect("valid").value
}

async fn to_the_end(mut events: futures::stream::BoxStream<'static, Event>) {
    while let Some(event) = events.next().await {
        if let Event::Finished(outcome) = event {
            assert!(outcome.result.is_ok(), "{:?}", outcome.result);
        }
    }
}

async fn deployed_as(sandbox: &Sandbox, tag: &str) {
    let cluster: Arc<dyn Cluster> = Arc::new(sandbox.clone());
    let plan = cht_k8s::plan(&*cluster, instance(tag)).await.expect("a plan");
    to_the_end(cht_k8s::deploy(cluster, plan, Options::default())).await;
}

#[tokio::test]
async fn while_it_is_upgraded_and_uninstalled() {
    let sandbox = Sandbox::new();
    deployed_as(&sandbox, "5.3.0").await;
    watched(&sandbox, deployed_as(&sandbox, "5.3.1")).await;
    let cluster: Arc<dyn Cluster> = Arc::new(sandbox.clone());
    watched(&sandbox, to_the_end(uninstall(cluster, instance("5.3.1"), UninstallOptions::default()))).await;
}
