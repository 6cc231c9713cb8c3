//! Namespaces: nothing can be in one that is not there, or that is on its way out.

use cht_k8s::ClusterError;
use cht_manifests::Kind;
use serde_json::json;

use super::World;
use super::fields::at;
use super::objects::{claim, config_map, deployment, namespace, service};

/// Nothing can be made in a namespace that is not there.
pub async fn a_missing_namespace_takes_nothing(world: &World) {
    for object in [
        config_map(&world.reserved, "settings", json!({})),
        service(&world.reserved, "front"),
        deployment(&world.reserved, "app", "example.org/app:1"),
        claim(&world.reserved, "data", "any", "1Gi"),
    ] {
        let answer = world.try_apply(&object).await;
        assert!(
            matches!(&answer, Err(ClusterError::NamespaceUnavailable { object: key, .. }) if *key == object.key()),
            "{answer:?}"
        );
    }
}

/// A namespace is active as soon as it is made, and takes objects.
pub async fn a_new_namespace_takes_objects(world: &World) {
    let made = world.apply(&namespace(&world.reserved)).await;
    assert_eq!(at(&made, "/status/phase"), "Active");
    assert_eq!(made.key().namespace, None);
    world.apply(&config_map(&world.reserved, "settings", json!({}))).await;
}

/// A namespace that is being deleted takes nothing any more, and says that it goes.
pub async fn a_namespace_on_its_way_out_takes_nothing(world: &World) {
    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    world.apply(&settings).await;
    let key = namespace(&world.namespace).key();
    let live = world.get(&key).await.expect("the case's namespace");
    world.delete(&live).await;
    if let Some(live) = world.get(&key).await {
        assert!(live.is_terminating());
        assert_eq!(at(&live, "/status/phase"), "Terminating");
    }
    let answer = world.try_apply(&config_map(&world.namespace, "late", json!({}))).await;
    assert!(matches!(answer, Err(ClusterError::NamespaceUnavailable { .. })), "{answer:?}");
    world.until_gone(&key).await;
    assert_eq!(world.get(&settings.key()).await, None);
}

/// Objects of one name in two namespaces have nothing to do with each other.
pub async fn names_are_a_namespaces_own(world: &World) {
    world.apply(&namespace(&world.reserved)).await;
    let here = world.apply(&config_map(&world.namespace, "settings", json!({ "a": "here" }))).await;
    let there = world.apply(&config_map(&world.reserved, "settings", json!({ "a": "there" }))).await;
    assert_ne!(here.uid(), there.uid());
    world.delete(&there).await;
    assert_eq!(
        world.get(&world.key(Kind::ConfigMap, "settings")).await.map(|one| one.value().clone()),
        Some(here.value().clone())
    );
}
