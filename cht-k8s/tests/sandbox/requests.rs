//! Lists, watches, deletion, and what the server does not accept.

use cht_k8s::{ApplyMode, Cluster, ClusterError, ServerVersion, WatchEvent};
use cht_manifests::{Kind, ObjectKey};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use serde_json::json;

use crate::support::*;

#[test]
fn a_watch_goes_on_from_its_list() {
    let sandbox = sandbox();
    apply(&sandbox, &config("old", &json!({})));
    let listing = block_on(sandbox.list(Kind::ConfigMap, Some(NAMESPACE))).unwrap();
    assert_eq!(listing.items.len(), 1);
    let made = apply(&sandbox, &config("new", &json!({})));
    apply(&sandbox, &secret("other-kind", &json!({})));
    delete(&sandbox, Kind::ConfigMap, "old");
    let mut watch = block_on(sandbox.watch(Kind::ConfigMap, NAMESPACE, &listing.resource_version)).unwrap();
    assert_eq!(block_on(watch.next()), Some(Ok(WatchEvent::Changed(made))));
    let Some(Ok(WatchEvent::Deleted(last))) = block_on(watch.next()) else { panic!("no deletion") };
    assert_eq!(last.name(), "old");
    assert_ne!(last.resource_version(), listing.items[0].resource_version(), "a deletion is a version of its own");
}

#[test]
fn a_watch_for_what_never_happens_waits() {
    let sandbox = sandbox();
    block_on(sandbox.clock().sleep(std::time::Duration::from_mins(1)));
    let version = block_on(sandbox.list(Kind::Pod, Some(NAMESPACE))).unwrap().resource_version;
    let mut watch = block_on(sandbox.watch(Kind::Pod, NAMESPACE, &version)).unwrap();
    assert_eq!(watch.next().now_or_never(), None);
}

#[test]
fn a_watch_of_forgotten_changes_has_expired() {
    let sandbox = sandbox();
    let version = block_on(sandbox.list(Kind::ConfigMap, Some(NAMESPACE))).unwrap().resource_version;
    let mut open = block_on(sandbox.watch(Kind::ConfigMap, NAMESPACE, &version)).unwrap();
    apply(&sandbox, &config("c", &json!({})));
    sandbox.forget_history();
    let error = block_on(sandbox.watch(Kind::ConfigMap, NAMESPACE, &version)).err();
    assert_eq!(error, Some(ClusterError::Expired));
    assert_eq!(block_on(open.next()), Some(Err(ClusterError::Expired)));
    assert_eq!(block_on(open.next()), None);
    let version = block_on(sandbox.list(Kind::ConfigMap, Some(NAMESPACE))).unwrap().resource_version;
    assert!(block_on(sandbox.watch(Kind::ConfigMap, NAMESPACE, &version)).is_ok());
}

#[test]
fn deletion_means_one_object_and_no_later_one() {
    let sandbox = sandbox();
    let first = apply(&sandbox, &config("c", &json!({})));
    assert!(delete(&sandbox, Kind::ConfigMap, "c"));
    assert!(!block_on(sandbox.delete(&first.key(), first.uid())).unwrap(), "it is gone");
    let second = apply(&sandbox, &config("c", &json!({})));
    assert_ne!(first.uid(), second.uid());
    let error = block_on(sandbox.delete(&first.key(), first.uid())).unwrap_err();
    assert!(matches!(error, ClusterError::Changed { .. }), "{error}");
    assert!(exists(&sandbox, Kind::ConfigMap, "c"));
}

#[test]
fn an_object_with_a_finalizer_stays_until_it_is_let_go_and_can_be_changed() {
    let sandbox = sandbox();
    let key = key(Kind::ConfigMap, "c");
    apply(&sandbox, &config("c", &json!({})));
    sandbox.update_as("x", &key, |config| config["metadata"]["finalizers"] = json!(["x.y/z"])).unwrap();
    assert!(delete(&sandbox, Kind::ConfigMap, "c"));
    assert!(apply(&sandbox, &config("c", &json!({"a": "b"}))).is_terminating());
    sandbox.update_as("x", &key, |config| config["metadata"]["finalizers"] = json!([])).unwrap();
    assert!(!exists(&sandbox, Kind::ConfigMap, "c"));
}

#[test]
fn immutable_fields_stay() {
    let sandbox = sandbox();
    apply(&sandbox, &deployment("web", "image:1"));
    let moved = deployment_with("web", "image:1", |spec| {
        spec["selector"] = json!({"matchLabels": {"app": "other"}});
        spec["template"]["metadata"]["labels"] = json!({"app": "other"});
    });
    let error = block_on(sandbox.apply(&moved, ApplyMode::Force)).unwrap_err();
    let ClusterError::Invalid { object, message } = error else { panic!("{error}") };
    assert_eq!(object, key(Kind::Deployment, "web"));
    assert!(message.contains("spec.selector") && message.ends_with("field is immutable"), "{message}");

    let at = |path: &str| volume("v", &json!({"storageClassName": "manual", "hostPath": {"path": path}}));
    apply(&sandbox, &at("/a"));
    for answer in
        [sandbox.apply(&at("/b"), ApplyMode::Force), sandbox.dry_run(&at("/b"), ApplyMode::Force)].map(block_on)
    {
        let error = answer.unwrap_err();
        assert!(matches!(error, ClusterError::Invalid { .. }), "{error}");
    }
}

#[test]
fn services_keep_their_address() {
    let sandbox = sandbox();
    let made = apply(&sandbox, &service("web", 80));
    let changed = apply(&sandbox, &service("web", 81));
    assert!(made.text("/spec/clusterIP").unwrap().starts_with("10.96."));
    assert_eq!(made.text("/spec/clusterIP"), changed.text("/spec/clusterIP"));
    assert_eq!(changed.value()["spec"]["ports"], json!([{"port": 81, "protocol": "TCP", "targetPort": 81}]));
    assert_ne!(apply(&sandbox, &service("other", 80)).text("/spec/clusterIP"), made.text("/spec/clusterIP"));
}

#[test]
fn bad_names_and_kinds_are_refused() {
    let sandbox = sandbox();
    let error = block_on(sandbox.apply(&config("Bad_Name", &json!({})), ApplyMode::Respect)).unwrap_err();
    assert!(matches!(error, ClusterError::Invalid { .. }), "{error}");
    let error = sandbox.apply_as("x", json!({"apiVersion": "v1", "kind": "Nothing"})).unwrap_err();
    assert!(matches!(error, ClusterError::Malformed { .. }), "{error}");
    let missing = key(Kind::ConfigMap, "missing");
    let error = sandbox.update_as("x", &missing, |_| ()).unwrap_err();
    assert!(error.to_string().contains("configmaps \"missing\" not found"), "{error}");
}

#[test]
fn every_request_is_counted() {
    let sandbox = sandbox();
    let before = sandbox.requests();
    block_on(async {
        sandbox.server_info().await.unwrap();
        sandbox.get(&ObjectKey::new(Kind::Namespace, "", NAMESPACE)).await.unwrap();
        sandbox.list(Kind::Namespace, None).await.unwrap();
        sandbox.watch(Kind::Pod, NAMESPACE, "9999").await.err().unwrap();
        sandbox.delete(&key(Kind::Pod, "x"), "uid").await.unwrap();
    });
    assert_eq!(sandbox.requests() - before, 5);
    assert!(block_on(sandbox.server_info()).unwrap().version >= ServerVersion::OLDEST);
}

#[test]
fn plain_texts_of_a_secret_become_data() {
    let sandbox = sandbox();
    let value = json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "s", "namespace": NAMESPACE}, "stringData": {"k": "x"}});
    let live = sandbox.apply_as("kubectl", value).unwrap();
    assert_eq!(live.value()["data"], json!({"k": "eA=="}));
    assert_eq!(live.value().get("stringData"), None);
    assert_eq!(live.text("/type"), Some("Opaque"));
}
