//! Writing whole objects, provided that nobody else has.

use cht_k8s::{ClusterError, FieldConflict, LiveObject};
use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::World;
use super::fields::{at, ours};
use super::objects::{changed, config_map, deployment};

fn with(object: &LiveObject, change: impl FnOnce(&mut Value)) -> LiveObject {
    let mut value = object.value().clone();
    change(&mut value);
    LiveObject::new(object.kind(), value)
}

/// An object that nobody has written since is replaced.
pub async fn the_version_that_was_read_is_replaced(world: &World) {
    let live = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "1", "b": "2" }))).await;
    let replaced = with(&live, |value| value["data"] = json!({ "a": "3" }));
    let replaced = world.cluster.replace(&replaced).await.expect("replaced");
    assert_eq!(at(&replaced, "/data"), &json!({ "a": "3" }));
    assert_eq!(replaced.uid(), live.uid());
    assert_ne!(replaced.resource_version(), live.resource_version());
    let read = world.get(&live.key()).await.expect("there");
    assert_eq!(read.value(), replaced.value());
}

/// An object of a list, which comes without its kind, can be replaced, too.
pub async fn an_object_of_a_list_is_replaced(world: &World) {
    world.apply(&config_map(&world.namespace, "settings", json!({ "a": "1" }))).await;
    let listed = world.cluster.list(Kind::ConfigMap, Some(&world.namespace)).await.expect("a list").items;
    let settings = listed.iter().find(|object| object.name() == "settings").expect("listed");
    let replaced = world.cluster.replace(&with(settings, |value| value["data"]["a"] = json!("2"))).await;
    assert_eq!(at(&replaced.expect("replaced"), "/data/a"), "2");
}

/// An object that someone has written since stays as it is.
pub async fn a_version_that_is_not_current_is_not_replaced(world: &World) {
    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let stale = world.apply(&settings).await;
    let current = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "2" }))).await;
    let answer = world.cluster.replace(&with(&stale, |value| value["data"]["a"] = json!("3"))).await;
    assert!(matches!(answer, Err(ClusterError::Changed { .. })), "{answer:?}");
    assert_eq!(world.live(&settings).await.value(), current.value());
}

/// An object that is gone, or never was, is not made by replacing it.
pub async fn what_is_not_there_is_not_replaced(world: &World) {
    let live = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "1" }))).await;
    world.delete(&live).await;
    let answer = world.cluster.replace(&live).await;
    assert!(matches!(answer, Err(ClusterError::Changed { .. })), "{answer:?}");
    assert_eq!(world.get(&live.key()).await, None);
}

/// An object of the same name that came after stays as it is.
pub async fn another_object_of_the_name_is_not_replaced(world: &World) {
    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let first = world.apply(&settings).await;
    world.delete(&first).await;
    let second = world.apply(&settings).await;
    let answer = world.cluster.replace(&first).await;
    assert!(matches!(answer, Err(ClusterError::Changed { .. })), "{answer:?}");
    assert_eq!(world.live(&settings).await.uid(), second.uid());
}

/// What cannot be is not accepted.
pub async fn what_cannot_be_is_not_accepted(world: &World) {
    let live = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "1" }))).await;
    let answer = world.cluster.replace(&with(&live, |value| value["data"] = json!({ "a/b": "1" }))).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}

/// A field that nobody owns is taken out, after which an apply that could not stand beside it is accepted.
pub async fn a_field_that_nobody_owns_is_taken_out(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    let recreate = changed::<Deployment>(&app, |value| value["spec"]["strategy"] = json!({ "type": "Recreate" }));
    let answer = world.try_apply(&recreate).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");

    loop {
        let live = world.live(&app).await;
        let replaced = with(&live, |value| value["spec"]["strategy"] = json!({ "type": "Recreate" }));
        match world.cluster.replace(&replaced).await {
            // The Deployment's controller writes, too.
            Err(ClusterError::Changed { .. }) => {}
            replaced => break drop(replaced.expect("replaced")),
        }
    }
    let applied = world.apply(&recreate).await;
    assert_eq!(at(&applied, "/spec/strategy"), &json!({ "type": "Recreate" }));
    assert_eq!(ours(&applied)["f:spec"]["f:strategy"], json!({ "f:type": {} }));
}

/// What was replaced is owned by that write, not by our applies: the next one that wants another value is told so.
pub async fn what_was_replaced_is_owned_by_the_write(world: &World) {
    let live = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "1" }))).await;
    world.cluster.replace(&with(&live, |value| value["data"]["b"] = json!("2"))).await.expect("replaced");
    let answer = world.try_apply(&config_map(&world.namespace, "settings", json!({ "a": "1", "b": "3" }))).await;
    let field = FieldConflict { manager: cht_k8s::FIELD_MANAGER.to_owned(), field: ".data.b".to_owned() };
    assert!(matches!(&answer, Err(ClusterError::FieldConflict { fields, .. }) if *fields == [field]), "{answer:?}");
}

/// In a namespace that is not there, nothing can be replaced.
pub async fn nothing_is_replaced_in_a_namespace_that_is_not_there(world: &World) {
    let live = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "1" }))).await;
    let elsewhere = with(&live, |value| value["metadata"]["namespace"] = json!(world.reserved));
    assert!(world.cluster.replace(&elsewhere).await.is_err());
    let key = ObjectKey::new(Kind::ConfigMap, &world.reserved, "settings");
    assert_eq!(world.get(&key).await, None);
}
