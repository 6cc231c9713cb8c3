//! Requests whose answer goes on.

use cht_k8s::{Cluster, ClusterError, WatchEvent};
use cht_manifests::Kind;
use futures::StreamExt;
use serde_json::json;

use crate::scenario::talk;

async fn watched(lines: &[serde_json::Value]) -> (Vec<String>, String) {
    let body = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let (events, got) = talk(vec![(200, body)], async |cluster| {
        let watch = cluster.watch(Kind::Pod, "ns", "5").await.expect("a watch");
        watch.map(shown).collect::<Vec<_>>().await
    })
    .await;
    (events, got[0].line.clone())
}

fn shown(event: Result<WatchEvent, ClusterError>) -> String {
    match event {
        Ok(WatchEvent::Changed(object)) => format!("changed {} at {}", object.name(), object.resource_version()),
        Ok(WatchEvent::Deleted(object)) => format!("deleted {}", object.name()),
        Ok(WatchEvent::Bookmark(version)) => format!("bookmark {version}"),
        Err(error) => format!("error: {error}"),
    }
}

fn event(kind: &str, name: &str, version: &str) -> serde_json::Value {
    json!({ "type": kind, "object": { "metadata": { "name": name, "namespace": "ns", "resourceVersion": version } } })
}

#[tokio::test]
async fn a_watch_goes_on_from_a_version() {
    let bookmark = json!({
        "type": "BOOKMARK",
        "object": { "apiVersion": "v1", "kind": "Pod", "metadata": { "resourceVersion": "8", "creationTimestamp": null } },
    });
    let lines = [event("ADDED", "a", "6"), event("MODIFIED", "a", "7"), bookmark, event("DELETED", "a", "9")];
    let (events, line) = watched(&lines).await;
    assert_eq!(events, ["changed a at 6", "changed a at 7", "bookmark 8", "deleted a"]);
    assert_eq!(
        line,
        "GET /api/v1/namespaces/ns/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=5"
    );
}

#[tokio::test]
async fn an_expired_history_ends_the_watch() {
    let expired = json!({
        "type": "ERROR",
        "object": { "kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old" },
    });
    let (events, _) = watched(&[event("ADDED", "a", "6"), expired, event("ADDED", "b", "7")]).await;
    assert_eq!(events, ["changed a at 6", "error: the watched history has expired"]);
}
