//! Making objects, provided that there is none of the name.

use cht_k8s::{ClusterError, LiveObject};
use cht_manifests::Kind;
use futures::future::join_all;
use serde_json::{Value, json};

use super::World;
use super::fields::at;

fn settings(namespace: &str, data: &Value) -> LiveObject {
    let metadata = json!({ "name": "settings", "namespace": namespace });
    LiveObject::new(Kind::ConfigMap, json!({ "metadata": metadata, "data": data }))
}

/// A new object gets its identity.
pub async fn a_new_object_is_made(world: &World) {
    let made = world.cluster.create(&settings(&world.namespace, &json!({ "a": "1" }))).await.expect("made");
    assert!(!made.uid().is_empty());
    assert_eq!(at(&made, "/data"), &json!({ "a": "1" }));
    assert_eq!(world.get(&made.key()).await.expect("there").value(), made.value());
}

/// An object that is there stays as it is.
pub async fn what_is_there_is_not_made_again(world: &World) {
    let made = world.cluster.create(&settings(&world.namespace, &json!({ "a": "1" }))).await.expect("made");
    let answer = world.cluster.create(&settings(&world.namespace, &json!({ "a": "2" }))).await;
    assert!(matches!(answer, Err(ClusterError::Changed { .. })), "{answer:?}");
    assert_eq!(world.get(&made.key()).await.expect("there").value(), made.value());
}

/// Of several who try at once, one succeeds.
pub async fn one_of_several_succeeds(world: &World) {
    let objects: Vec<_> =
        (0..8).map(|number| settings(&world.namespace, &json!({ "by": number.to_string() }))).collect();
    let answers = join_all(objects.iter().map(|object| world.cluster.create(object))).await;
    let made: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(world.get(&made[0].key()).await.expect("there").value(), made[0].value());
}

/// A lease is made, and renewed by writes of what was read.
pub async fn a_lease_is_made_and_renewed(world: &World) {
    let lease = |renewed: &str, version: Option<&str>| {
        let metadata = json!({ "name": "held", "namespace": world.namespace, "resourceVersion": version });
        let spec = json!({ "holderIdentity": "one", "leaseDurationSeconds": 30, "renewTime": renewed });
        LiveObject::new(Kind::Lease, json!({ "metadata": metadata, "spec": spec }))
    };
    let made = world.cluster.create(&lease("2026-01-01T00:00:00.000001Z", None)).await.expect("made");
    let renewal = lease("2026-01-01T00:00:10.000001Z", Some(made.resource_version()));
    let renewed = world.cluster.replace(&renewal).await.expect("renewed");
    assert_eq!(at(&renewed, "/spec/renewTime"), "2026-01-01T00:00:10.000001Z");
    let late = world.cluster.replace(&renewal).await;
    assert!(matches!(late, Err(ClusterError::Changed { .. })), "{late:?}");
}

/// What cannot be is not accepted.
pub async fn what_cannot_be_is_not_made(world: &World) {
    let answer = world.cluster.create(&settings(&world.namespace, &json!({ "a/b": "1" }))).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}

/// In a namespace that is not there, nothing can be made.
pub async fn nothing_is_made_in_a_namespace_that_is_not_there(world: &World) {
    let answer = world.cluster.create(&settings(&world.reserved, &json!({}))).await;
    assert!(matches!(answer, Err(ClusterError::NamespaceUnavailable { .. })), "{answer:?}");
}
