//! Deleting objects, and what goes with them.

use cht_k8s::ClusterError;
use cht_manifests::{Kind, ObjectKey};
use serde_json::json;

use super::World;
use super::objects::{config_map, deployment, job, namespace};
use super::rollout::{pods_of, rolled_out};

/// The object that is meant goes away, and is then not there to be deleted.
pub async fn an_object_is_deleted_once(world: &World) {
    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let live = world.apply(&settings).await;
    assert_eq!(world.cluster.delete(&settings.key(), live.uid()).await, Ok(true));
    assert_eq!(world.get(&settings.key()).await, None);
    assert_eq!(world.cluster.delete(&settings.key(), live.uid()).await, Ok(false));
}

/// What is not there cannot be deleted, wherever it is looked for, and that is no error.
pub async fn an_absent_object_is_not_deleted(world: &World) {
    for key in [
        world.key(Kind::ConfigMap, "absent"),
        ObjectKey::new(Kind::ConfigMap, &world.reserved, "absent"),
        ObjectKey::new(Kind::Namespace, "", &world.reserved),
    ] {
        assert_eq!(world.cluster.delete(&key, "any").await, Ok(false), "{key}");
    }
}

/// An object of the same name that came after the one that is meant stays.
pub async fn another_object_of_the_name_stays(world: &World) {
    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let first = world.apply(&settings).await;
    world.delete(&first).await;
    let second = world.apply(&settings).await;
    assert_ne!(second.uid(), first.uid());
    let answer = world.cluster.delete(&settings.key(), first.uid()).await;
    assert!(matches!(answer, Err(ClusterError::Changed { .. })), "{answer:?}");
    assert_eq!(world.live(&settings).await.uid(), second.uid());
}

/// A Deployment takes its `ReplicaSet`s and pods with it, in the background.
pub async fn what_a_deployment_owns_goes_with_it(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    let other = deployment(&world.namespace, "other", "example.org/other:1");
    for object in [&app, &other] {
        world.apply(object).await;
        rolled_out(world, object).await;
    }
    world.delete(&world.live(&app).await).await;
    world.until_gone(&app.key()).await;
    for kind in [Kind::ReplicaSet, Kind::Pod] {
        let what = format!("the end of the Deployment's {kind}s");
        let left = world.until_all(kind, &what, |all| !all.iter().any(|one| one.label("app") == Some("app"))).await;
        assert_eq!(left.len(), 1, "the other Deployment's stays");
    }
}

/// A Job takes its pods with it.
pub async fn what_a_job_owns_goes_with_it(world: &World) {
    world.backstage.play().await;
    let job = job(&world.namespace, "work", "example.org/job:1");
    world.apply(&job).await;
    world.until_all(Kind::Pod, "the Job's pod", |pods| !pods.is_empty()).await;
    world.delete(&world.live(&job).await).await;
    world.until_gone(&job.key()).await;
    world.until_all(Kind::Pod, "the end of the Job's pod", <[_]>::is_empty).await;
}

/// A pod that its Deployment still wants comes back as another.
pub async fn a_deleted_pod_is_replaced(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let pod = pods_of(world, "app").await.remove(0);
    world.delete(&pod).await;
    world.until_gone(&pod.key()).await;
    rolled_out(world, &app).await;
    assert_ne!(pods_of(world, "app").await[0].uid(), pod.uid());
}

/// A namespace takes everything in it with it, and can then be made again, empty.
pub async fn a_namespace_takes_everything_with_it(world: &World) {
    let made = world.apply(&namespace(&world.reserved)).await;
    let settings = config_map(&world.reserved, "settings", json!({ "a": "1" }));
    world.apply(&settings).await;
    world.delete(&made).await;
    world.until_gone(&made.key()).await;
    assert_eq!(world.get(&settings.key()).await, None);
    let again = world.apply(&namespace(&world.reserved)).await;
    assert_ne!(again.uid(), made.uid());
    assert_eq!(world.get(&settings.key()).await, None);
}
