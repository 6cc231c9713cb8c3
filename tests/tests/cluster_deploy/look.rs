//! Looking at an instance: descriptions, resources, and volumes, those that were left among them.

use cht_k8s::{Cluster as _, LiveObject, WatchEvent, describe, resources, volumes};
use cht_manifests::Kind;
use futures::StreamExt as _;
use serde_json::Value;

use crate::site::{PATIENCE, Site, at_once, on_a_site};

#[tokio::test]
async fn an_instance_is_described() {
    on_a_site(at_once(), async |site| {
        site.deploy(&site.example("k3s-cluster.yaml")).await.succeeded();
        let all = describe(&*site.cluster, &site.namespace, None, &[]).await.expect("a description");
        let names: Vec<_> = all.components.iter().map(|one| one.component.to_string()).collect();
        assert_eq!(names, ["couchdb-1", "couchdb-2", "couchdb-3", "healthcheck", "haproxy", "api", "sentinel"]);
        for one in &all.components {
            assert!(one.health.as_ref().is_some_and(|health| health.health.is_ready()), "{one:#?}");
            assert!(one.pods.len() == 1 && one.pods[0].node.is_some() && !one.events.is_empty(), "{one:#?}");
        }
        assert_eq!(all.notes, Vec::<String>::new());
        let nodes = describe(&*site.cluster, &site.namespace, None, &["couchdb".parse().expect("a name")]).await;
        assert_eq!(nodes.expect("a description").components.len(), 3);

        let seen = resources(&*site.cluster, &site.namespace).await.expect("resources");
        assert!(seen.components.iter().all(|one| one.requests.memory_bytes > 0), "{seen:#?}");
        assert!(seen.notes.iter().any(|note| note.contains("metrics-server is not there")), "{seen:#?}");
    })
    .await;
}

async fn delete(site: &Site, kind: Kind, name: &str) {
    let live = site.live(kind, name).await;
    assert_eq!(site.cluster.delete(&live.key(), live.uid()).await, Ok(true));
}

/// Waits until a volume is released.
async fn released(site: &Site, name: &str) {
    let is_released = |volume: &LiveObject| volume.name() == name && volume.text("/status/phase") == Some("Released");
    let listing = site.cluster.list(Kind::PersistentVolume, None).await.expect("a list");
    if listing.items.iter().any(is_released) {
        return;
    }
    let mut watch = site.cluster.watch(Kind::PersistentVolume, "", &listing.resource_version).await.expect("a watch");
    let waiting = async {
        while let Some(event) = watch.next().await {
            if matches!(event.expect("no error"), WatchEvent::Changed(volume) if is_released(&volume)) {
                return;
            }
        }
        panic!("the watch has ended");
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the volume is released");
}

/// What the hint says, is so.
#[tokio::test]
async fn a_volume_that_was_left_is_taken_back() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        let before = volumes(&*site.cluster, &site.namespace, None).await.expect("volumes");
        let volume = before.claims[0].volume.clone().expect("a volume");
        assert_eq!((before.claims[0].phase.as_str(), before.left), ("Bound", Vec::new()));

        site.uninstall(&values).await.succeeded();
        delete(site, Kind::PersistentVolumeClaim, &before.claims[0].claim).await;
        released(site, &volume).await;
        let after = volumes(&*site.cluster, &site.namespace, None).await.expect("volumes");
        let [left] = &after.left[..] else { panic!("{after:#?}") };
        assert_eq!((&left.volume, left.phase.as_str()), (&volume, "Released"));
        let patch = left.hint.split('\'').nth(1).expect("a patch");
        let request = hyper::Request::patch(format!("/api/v1/persistentvolumes/{volume}"))
            .header("Content-Type", "application/json-patch+json")
            .body(patch.as_bytes().to_vec());
        site.backdoor.client().request::<Value>(request.expect("a request")).await.expect("patched");

        site.deploy(&values).await.succeeded();
        let again = volumes(&*site.cluster, &site.namespace, None).await.expect("volumes");
        assert_eq!((again.claims[0].volume.as_ref(), &again.left), (Some(&volume), &Vec::new()), "{again:#?}");
    })
    .await;
}
