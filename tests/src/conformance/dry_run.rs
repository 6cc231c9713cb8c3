//! Trying what an apply would do.

use cht_k8s::{ApplyMode, ClusterError, FieldConflict};
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::json;

use super::World;
use super::fields::{at, ours};
use super::objects::{changed, config_map, deployment, pod, service};

/// A new object is answered with all that it would have, and is not made.
pub async fn a_dry_run_makes_nothing(world: &World) {
    let front = service(&world.namespace, "front");
    let answer = world.cluster.dry_run(&front, ApplyMode::Respect).await.expect("an answer");
    assert_eq!(at(&answer, "/spec/type"), "ClusterIP");
    assert_eq!(answer.resource_version(), "");
    assert_eq!(ours(&answer)["f:spec"]["f:selector"], ours(&world.apply(&front).await)["f:spec"]["f:selector"]);

    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.cluster.dry_run(&app, ApplyMode::Respect).await.expect("an answer");
    assert_eq!(world.get(&app.key()).await, None);
}

/// A change is answered as it would be, at the version that it would change, and not made.
pub async fn a_dry_run_changes_nothing(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    let upgraded = changed::<Deployment>(&app, |value| {
        pod(value)["containers"][0]["image"] = json!("example.org/app:2");
    });
    let answer = world.cluster.dry_run(&upgraded, ApplyMode::Respect).await.expect("an answer");
    assert_eq!(answer.text("/spec/template/spec/containers/0/image"), Some("example.org/app:2"));
    assert_eq!(at(&answer, "/metadata/generation"), 2);
    let live = world.live(&app).await;
    assert_eq!(live.text("/spec/template/spec/containers/0/image"), Some("example.org/app:1"));
    assert_eq!(at(&live, "/metadata/generation"), 1);

    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let applied = world.apply(&settings).await;
    let answer = world.cluster.dry_run(&settings, ApplyMode::Respect).await.expect("an answer");
    assert_eq!(answer.value(), applied.value());
    let other = config_map(&world.namespace, "settings", json!({ "a": "2" }));
    let answer = world.cluster.dry_run(&other, ApplyMode::Respect).await.expect("an answer");
    assert_eq!(at(&answer, "/data/a"), "2");
    assert_eq!((answer.uid(), answer.resource_version()), (applied.uid(), applied.resource_version()));
}

/// A field of another manager is refused, or answered as ours with force; it stays his.
pub async fn a_dry_run_answers_as_the_apply_would(world: &World) {
    let theirs = config_map(&world.namespace, "settings", json!({ "a": "theirs" }));
    world.backstage.apply_as("other", theirs.to_value()).await;
    let wanted = config_map(&world.namespace, "settings", json!({ "a": "ours" }));
    let refused = world.cluster.dry_run(&wanted, ApplyMode::Respect).await;
    let Err(ClusterError::FieldConflict { fields, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(fields, [FieldConflict { manager: "other".to_owned(), field: ".data.a".to_owned() }]);
    let answer = world.cluster.dry_run(&wanted, ApplyMode::Force).await.expect("an answer");
    assert_eq!(at(&answer, "/data/a"), "ours");
    assert_eq!(ours(&answer), json!({ "f:data": { "f:a": {} } }));
    assert_eq!(at(&world.live(&wanted).await, "/data/a"), "theirs");
}

/// What would not be accepted is not accepted.
pub async fn a_dry_run_refuses_as_an_apply_does(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    let other = changed::<Deployment>(&app, |value| {
        value["spec"]["selector"]["matchLabels"] = json!({ "app": "other" });
        value["spec"]["template"]["metadata"]["labels"] = json!({ "app": "other" });
    });
    let answer = world.cluster.dry_run(&other, ApplyMode::Force).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
    let elsewhere = config_map(&world.reserved, "settings", json!({}));
    let answer = world.cluster.dry_run(&elsewhere, ApplyMode::Force).await;
    assert!(matches!(answer, Err(ClusterError::NamespaceUnavailable { .. })), "{answer:?}");
}
