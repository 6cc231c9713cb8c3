//! Requests with one answer.

use cht_k8s::{ApplyMode, Cluster, ClusterError, FieldConflict, LiveObject, ServerVersion};
use cht_manifests::{Kind, Object, ObjectKey};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use crate::scenario::{refusal, talk};

fn config_map() -> Object {
    let metadata =
        ObjectMeta { name: Some("servers".to_owned()), namespace: Some("ns".to_owned()), ..ObjectMeta::default() };
    ConfigMap { metadata, ..ConfigMap::default() }.into()
}

fn key() -> ObjectKey {
    ObjectKey::new(Kind::ConfigMap, "ns", "servers")
}

fn answer() -> String {
    json!({ "metadata": { "name": "servers", "namespace": "ns", "uid": "u", "resourceVersion": "7" } }).to_string()
}

#[tokio::test]
async fn apply_is_a_patch_of_the_managers_own() {
    for (mode, dry_run, flags) in [
        (ApplyMode::Respect, false, ""),
        (ApplyMode::Force, false, "&force=true"),
        (ApplyMode::Respect, true, "&dryRun=All"),
        (ApplyMode::Force, true, "&force=true&dryRun=All"),
    ] {
        let object = config_map();
        let (applied, got) = talk(vec![(200, answer())], async |cluster| {
            if dry_run { cluster.dry_run(&object, mode).await } else { cluster.apply(&object, mode).await }
        })
        .await;
        assert_eq!(applied.expect("applied").resource_version(), "7");
        assert_eq!(
            got[0].line,
            format!("PATCH /api/v1/namespaces/ns/configmaps/servers?fieldManager=cht&fieldValidation=Strict{flags}")
        );
        assert_eq!(got[0].content_type, "application/apply-patch+yaml");
        assert_eq!(
            got[0].body,
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"servers","namespace":"ns"}}"#
        );
    }
}

#[tokio::test]
async fn a_conflict_names_field_and_owner() {
    let causes = json!({ "causes": [
        { "reason": "FieldManagerConflict", "message": "conflict with \"argocd\" using v1", "field": ".data.SERVERS" },
    ]});
    let object = config_map();
    let (applied, _) =
        talk(vec![refusal(409, &causes)], async |cluster| cluster.apply(&object, ApplyMode::Respect).await).await;
    let fields = vec![FieldConflict { manager: "argocd".to_owned(), field: ".data.SERVERS".to_owned() }];
    assert_eq!(applied.expect_err("a conflict"), ClusterError::FieldConflict { object: key(), fields });
}

#[tokio::test]
async fn an_absent_object_is_no_error() {
    let absent = refusal(404, &json!({ "kind": "configmaps", "name": "servers" }));
    let (got, requests) = talk(vec![absent], async |cluster| cluster.get(&key()).await).await;
    assert_eq!(got, Ok(None));
    assert_eq!(requests[0].line, "GET /api/v1/namespaces/ns/configmaps/servers");
}

#[tokio::test]
async fn a_kind_that_is_not_served_is_one() {
    let not_served = refusal(404, &json!({}));
    let (listed, requests) =
        talk(vec![not_served], async |cluster| cluster.list(Kind::Ingress, Some("ns")).await).await;
    assert_eq!(listed, Err(ClusterError::NotServed { kind: Kind::Ingress }));
    assert_eq!(requests[0].line, "GET /apis/networking.k8s.io/v1/namespaces/ns/ingresses");
}

#[tokio::test]
async fn delete_names_the_object_that_is_meant() {
    let (deleted, got) = talk(vec![(200, answer())], async |cluster| cluster.delete(&key(), "u").await).await;
    assert_eq!(deleted, Ok(true));
    assert_eq!(got[0].line, "DELETE /api/v1/namespaces/ns/configmaps/servers");
    let options: serde_json::Value = serde_json::from_str(&got[0].body).expect("JSON");
    assert_eq!(options["preconditions"]["uid"], "u");
    assert_eq!(options["propagationPolicy"], "Background");
}

#[tokio::test]
async fn replace_sends_the_version_that_was_read() {
    let live = LiveObject::new(
        Kind::ConfigMap,
        json!({ "metadata": { "name": "servers", "namespace": "ns", "resourceVersion": "6" } }),
    );
    let changed = refusal(409, &json!({ "kind": "configmaps", "name": "servers" }));
    let (replaced, got) = talk(vec![changed], async |cluster| cluster.replace(&live).await).await;
    assert!(matches!(replaced, Err(ClusterError::Changed { .. })), "{replaced:?}");
    assert_eq!(got[0].line, "PUT /api/v1/namespaces/ns/configmaps/servers?fieldManager=cht");
    let sent: serde_json::Value = serde_json::from_str(&got[0].body).expect("JSON");
    assert_eq!(sent["metadata"]["resourceVersion"], "6");
    assert_eq!(sent["kind"], "ConfigMap");
}

#[tokio::test]
async fn versions_of_distributions_are_understood() {
    let version = json!({ "major": "1", "minor": "27+", "gitVersion": "v1.27.3-eks" }).to_string();
    let (server, got) = talk(vec![(200, version)], async |cluster| cluster.server_info().await).await;
    assert_eq!(server.map(|server| server.version), Ok(ServerVersion { major: 1, minor: 27 }));
    assert_eq!(got[0].line, "GET /version");
}

#[tokio::test]
async fn a_busy_server_is_transient_and_each_request_counts() {
    let busy = refusal(429, &json!({ "retryAfterSeconds": 2 }));
    let (count, _) = talk(vec![busy], async |cluster| {
        let error = cluster.get(&key()).await.expect_err("busy");
        assert!(error.is_transient(), "{error}");
        cluster.requests()
    })
    .await;
    assert_eq!(count, 1);
}
