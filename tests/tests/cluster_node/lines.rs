//! The first deploy of an instance of each line, with one CouchDB node and with three.

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::ListParams;

use crate::site::{Site, on_a_site};

/// Deploys, and finds every pod running and every application answering.
async fn gets_ready(site: &Site, version: &str, couchdb_nodes: &[&str], pods: usize) {
    let deployed = site.deploy(&[], 0).await.json();
    assert_eq!(deployed["outcome"], "ready", "{deployed:#}");
    let status = site.run("status", &[]).await.expect(0).json();
    assert_eq!(status["ready"], true, "{status:#}");

    let all = site.pods().list(&ListParams::default()).await.expect("pods").items;
    assert_eq!(all.len(), pods, "{:?}", all.iter().map(Pod::name_any).collect::<Vec<_>>());
    for pod in &all {
        let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
        for container in statuses {
            assert!(container.ready && container.restart_count == 0, "{}: {container:?}", pod.name_any());
        }
    }

    site.api_is_ready(version).await;
    for node in couchdb_nodes {
        let up = site.ask_couchdb(node, "/_up").await;
        assert!(matches!(up, Ok((200, _))), "{node}: {up:?}");
        if couchdb_nodes.len() > 1 {
            site.has_members(node, couchdb_nodes.len()).await;
        }
        for database in ["_users", "_replicator", "_global_changes"] {
            site.has_database(node, database).await;
        }
    }
}

const NODES: [&str; 3] = ["couchdb-1", "couchdb-2", "couchdb-3"];

#[tokio::test]
async fn a_single_node_of_5_3() {
    on_a_site("k3d.yaml", &[], async |site| gets_ready(site, "5.3.0", &["couchdb"], 5).await).await;
}

#[tokio::test]
async fn a_cluster_of_5_3() {
    on_a_site("k3s-cluster.yaml", &[], async |site| gets_ready(site, "5.3.0", &NODES, 7).await).await;
}

/// Its data is in a folder of the node.
#[tokio::test]
async fn a_single_node_of_4_x() {
    let changes = ["couchdb.clusteredCouch_enabled=false", "local_storage.preExistingDiskPath-1=/var/lib/NAMESPACE"];
    on_a_site("cht-4x.yaml", &changes, async |site| gets_ready(site, "4.22.0", &["couchdb"], 6).await).await;
}

/// Its data is in folders of the node that Jobs make.
#[tokio::test]
async fn a_cluster_of_4_x() {
    on_a_site("cht-4x.yaml", &[], async |site| gets_ready(site, "4.22.0", &NODES, 8).await).await;
}
