//! Deploys that change what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cht_k8s::{Cluster, LiveObject, WatchEvent};
use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt as _;

use crate::site::{PATIENCE, Site, at_once, on_a_site};

/// The images that an instance's containers run.
async fn images(site: &Site) -> BTreeSet<String> {
    let pods = site.all(Kind::Pod).await;
    let containers =
        pods.iter().flat_map(|pod| pod.value()["spec"]["containers"].as_array().cloned().unwrap_or_default());
    containers.filter_map(|container| container["image"].as_str().map(str::to_owned)).collect()
}

/// The CouchDB node of a pod.
fn couchdb_node(pod: &LiveObject) -> Option<&str> {
    pod.label("cht.service").filter(|service| service.starts_with("couchdb"))
}

fn serves(pod: &LiveObject) -> bool {
    let conditions = pod.value()["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let is_ready = conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
    is_ready && !pod.is_terminating()
}

fn runs(pod: &LiveObject, tag: &str) -> bool {
    let images = pod.value()["spec"]["containers"].as_array().cloned().unwrap_or_default();
    images.iter().any(|container| container["image"].as_str().is_some_and(|image| image.ends_with(tag)))
}

/// Watches the CouchDB pods until all `nodes` of them serve from `tag`. Answers with the lowest number that served at once,
/// and the highest number of pods that any one node had.
async fn upgrade_seen(cluster: Arc<dyn Cluster>, namespace: String, nodes: usize, tag: &'static str) -> (usize, usize) {
    let listing = cluster.list(Kind::Pod, Some(&namespace)).await.expect("a list");
    let mut watch = cluster.watch(Kind::Pod, &namespace, &listing.resource_version).await.expect("a watch");
    let mut pods: BTreeMap<ObjectKey, LiveObject> =
        listing.items.into_iter().filter(|pod| couchdb_node(pod).is_some()).map(|pod| (pod.key(), pod)).collect();
    let (mut fewest, mut most) = (nodes, 0);
    loop {
        let mut serving = BTreeSet::new();
        let mut of_node: BTreeMap<&str, usize> = BTreeMap::new();
        for pod in pods.values() {
            let node = couchdb_node(pod).expect("kept for being one");
            *of_node.entry(node).or_default() += 1;
            if serves(pod) {
                serving.insert(node);
            }
        }
        fewest = fewest.min(serving.len());
        most = most.max(of_node.into_values().max().unwrap_or(0));
        if pods.len() == nodes && pods.values().all(|pod| serves(pod) && runs(pod, tag)) {
            return (fewest, most);
        }
        match watch.next().await.expect("the watch goes on").expect("no error") {
            WatchEvent::Changed(pod) if couchdb_node(&pod).is_some() => drop(pods.insert(pod.key(), pod)),
            WatchEvent::Deleted(pod) => drop(pods.remove(&pod.key())),
            WatchEvent::Changed(_) | WatchEvent::Bookmark(_) => {}
        }
    }
}

/// A new version replaces every pod; of CouchDB, one node at a time, each ready before the next, and never two pods of one.
#[tokio::test]
async fn a_new_version_replaces_couchdb_node_by_node() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml").set("chtversion", "5.3.0");
        site.deploy(&values).await.succeeded();
        assert!(images(site).await.iter().all(|image| image.ends_with(":5.3.0")));

        let cluster: Arc<dyn Cluster> = Arc::<cht_k8s::KubeCluster>::clone(&site.cluster);
        let seen = tokio::spawn(upgrade_seen(cluster, site.namespace.clone(), 3, ":5.3.1"));
        let run = site.deploy(&values.set("chtversion", "5.3.1")).await.succeeded();
        let (fewest, most) = tokio::time::timeout(PATIENCE, seen).await.expect("the upgrade is seen").expect("watched");
        assert_eq!((fewest, most), (2, 1));
        assert!(images(site).await.iter().all(|image| image.ends_with(":5.3.1")), "{:?}", images(site).await);
        assert_eq!((run.outcome.counts.created, run.outcome.counts.removed), (0, 0));
    })
    .await;
}

/// A change of one component replaces its pod alone.
#[tokio::test]
async fn a_change_of_the_api_replaces_the_api_alone() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml");
        site.deploy(&values).await.succeeded();
        let uids = async || {
            let pods = site.all(Kind::Pod).await;
            let of = |pod: &LiveObject| (pod.label("cht.service").unwrap_or_default().to_owned(), pod.uid().to_owned());
            pods.iter().map(of).collect::<BTreeMap<_, _>>()
        };
        let before = uids().await;
        let run = site.deploy(&values.set("api.log_level", "debug")).await.succeeded();
        let after = uids().await;
        let changed: Vec<_> = after.iter().filter(|(name, uid)| before.get(*name) != Some(*uid)).collect();
        assert_eq!(changed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["api"]);
        assert_eq!(run.outcome.counts.changed, 1, "{:#?}", run.outcome);
    })
    .await;
}

/// A deploy brings back what someone has deleted or changed by hand.
#[tokio::test]
async fn what_was_changed_by_hand_is_put_right() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        let service = site.live(Kind::Service, "haproxy").await;
        site.cluster.delete(&service.key(), service.uid()).await.expect("deleted");
        let deployment = site.live(Kind::Deployment, "cht-sentinel").await;
        site.cluster.delete(&deployment.key(), deployment.uid()).await.expect("deleted");
        let run = site.deploy(&values).await.succeeded();
        assert_eq!((run.outcome.counts.created, run.outcome.counts.changed), (2, 0), "{:#?}", run.outcome);
        assert_ne!(site.live(Kind::Service, "haproxy").await.uid(), service.uid());
    })
    .await;
}
