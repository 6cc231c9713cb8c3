//! To another version.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;

use crate::site::on_a_site;
use crate::watching::{is_of, is_ready};

const NODES: [&str; 3] = ["couchdb-1", "couchdb-2", "couchdb-3"];

/// CouchDB's nodes are replaced one after the other: what is on the others can be reached all the time.
#[tokio::test]
async fn never_stops_two_couchdb_nodes_at_once() {
    on_a_site("k3s-cluster.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let upgrade = site.start("deploy --timeout 5m", &["chtversion=5.3.1"]);
        let (mut stopped, mut at_once) = (BTreeSet::new(), 0);
        site.watch_pods("the upgrade's end", |pods| {
            let is_up = |node: &str| pods.values().any(|pod| is_of(pod, node) && is_ready(pod));
            let down: Vec<_> = NODES.into_iter().filter(|node| !is_up(node)).collect();
            at_once = at_once.max(down.len());
            stopped.extend(down);
            // Sentinel is the last.
            pods.values().any(|pod| is_of(pod, "sentinel") && is_ready(pod) && image(pod).ends_with(":5.3.1"))
        })
        .await;
        drop(upgrade.await.expect("the program ran").expect(0));
        assert_eq!((at_once, stopped), (1, NODES.into()), "one at a time, and each of them");

        let pods = site.pods().list(&ListParams::default()).await.expect("pods").items;
        assert!(pods.iter().filter(|pod| is_ready(pod)).all(|pod| image(pod).ends_with(":5.3.1")), "{pods:#?}");
        site.has_members("couchdb-3", 3).await;
        site.api_is_ready("5.3.1").await;
    })
    .await;
}

fn image(pod: &Pod) -> &str {
    pod.spec.as_ref().and_then(|spec| spec.containers[0].image.as_deref()).unwrap_or_default()
}
