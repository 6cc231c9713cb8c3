//! What is in a namespace lives and dies with it.

use cht_k8s::{ApplyMode, Cluster, ClusterError};
use cht_manifests::{Kind, ObjectKey};
use futures::executor::block_on;
use serde_json::json;

use crate::support::*;

#[test]
fn nothing_is_made_in_a_namespace_that_is_not_there() {
    let sandbox = cht_k8s::sandbox::Sandbox::new();
    let wanted = config("c", &json!({}));
    for answer in
        [sandbox.apply(&wanted, ApplyMode::Respect), sandbox.dry_run(&wanted, ApplyMode::Respect)].map(block_on)
    {
        let error = answer.unwrap_err();
        assert_eq!(
            error,
            ClusterError::NamespaceUnavailable {
                object: key(Kind::ConfigMap, "c"),
                message: "namespaces \"ns\" not found".to_owned()
            }
        );
    }
    assert!(list(&sandbox, Kind::ConfigMap).is_empty());
    assert!(!exists(&sandbox, Kind::ConfigMap, "c"));
}

#[test]
fn a_new_namespace_gets_what_every_namespace_has() {
    let sandbox = sandbox();
    wait(&sandbox, Kind::ConfigMap, "the certificate", |found| found.iter().any(|c| c.name() == "kube-root-ca.crt"));
    assert!(exists(&sandbox, Kind::ServiceAccount, "default"));
}

#[test]
fn a_deleted_namespace_takes_everything_along() {
    let sandbox = sandbox();
    apply(&sandbox, &config("c", &json!({"a": "b"})));
    apply(&sandbox, &claim("data", &json!({})));
    apply(&sandbox, &deployment_on("web", "data"));
    wait_ready(&sandbox, "web");
    let key = ObjectKey::new(Kind::Namespace, "", NAMESPACE);
    let live = block_on(sandbox.get(&key)).unwrap().unwrap();
    assert!(block_on(sandbox.delete(&key, live.uid())).unwrap());

    let terminating = block_on(sandbox.get(&key)).unwrap().unwrap();
    assert_eq!(terminating.text("/status/phase"), Some("Terminating"));
    let error = block_on(sandbox.apply(&config("late", &json!({})), ApplyMode::Respect)).unwrap_err();
    assert!(matches!(error, ClusterError::NamespaceUnavailable { .. }), "{error}");
    // What is there may still be changed.
    apply(&sandbox, &config("c", &json!({"a": "c"})));

    wait(&sandbox, Kind::Namespace, "gone", |found| found.iter().all(|namespace| namespace.name() != NAMESPACE));
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_namespaced()) {
        assert!(list(&sandbox, kind).is_empty(), "{kind}");
    }
}
