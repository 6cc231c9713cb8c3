//! Trying what an apply would do.

use cht_k8s::{ApplyMode, ClusterError};
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::json;

use super::World;
use super::fields::{at, ours};
use super::objects::{changed, config_map, deployment, pod, service};

/// A new object is answered with all that it would have, and is not made.
pub async fn a_dry_run_makes_nothing(world: &World) {
    let front = service(&world.namespace, "front");
    let answer = world.cluster.apply(&front, ApplyMode::DryRun).await.expect("an answer");
    assert_eq!(at(&answer, "/spec/type"), "ClusterIP");
    assert_eq!(ours(&answer)["f:spec"]["f:selector"], ours(&world.apply(&front).await)["f:spec"]["f:selector"]);

    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.cluster.apply(&app, ApplyMode::DryRun).await.expect("an answer");
    assert_eq!(world.get(&app.key()).await, None);
}

/// A change is answered as it would be, and not made. What would change nothing keeps its version in the answer.
pub async fn a_dry_run_changes_nothing(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    let upgraded = changed::<Deployment>(&app, |value| {
        pod(value)["containers"][0]["image"] = json!("example.org/app:2");
    });
    let answer = world.cluster.apply(&upgraded, ApplyMode::DryRun).await.expect("an answer");
    assert_eq!(answer.text("/spec/template/spec/containers/0/image"), Some("example.org/app:2"));
    assert_eq!(at(&answer, "/metadata/generation"), 2);
    let live = world.live(&app).await;
    assert_eq!(live.text("/spec/template/spec/containers/0/image"), Some("example.org/app:1"));
    assert_eq!(at(&live, "/metadata/generation"), 1);

    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let applied = world.apply(&settings).await;
    let answer = world.cluster.apply(&settings, ApplyMode::DryRun).await.expect("an answer");
    assert_eq!(answer.value(), applied.value());
}

/// A field of another manager is answered as ours, and stays his.
pub async fn a_dry_run_answers_as_force_would(world: &World) {
    let theirs = config_map(&world.namespace, "settings", json!({ "a": "theirs" }));
    world.backstage.apply_as("other", theirs.to_value()).await;
    let wanted = config_map(&world.namespace, "settings", json!({ "a": "ours" }));
    let answer = world.cluster.apply(&wanted, ApplyMode::DryRun).await.expect("an answer");
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
    let answer = world.cluster.apply(&other, ApplyMode::DryRun).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
    let elsewhere = config_map(&world.reserved, "settings", json!({}));
    let answer = world.cluster.apply(&elsewhere, ApplyMode::DryRun).await;
    assert!(matches!(answer, Err(ClusterError::NamespaceUnavailable { .. })), "{answer:?}");
}
