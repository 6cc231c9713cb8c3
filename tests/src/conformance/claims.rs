//! Claims and their volumes.

use cht_k8s::{ClusterError, LiveObject};
use cht_manifests::{Kind, Object, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use serde_json::json;

use super::World;
use super::fields::at;
use super::objects::{changed, claim, deployment, pod, volume};
use super::rollout::rolled_out;
use crate::player::Binding;

/// A Deployment whose pod mounts the claim `data`.
fn consumer(world: &World) -> Object {
    changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        let pod = pod(value);
        pod["volumes"] = json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }]);
        pod["containers"][0]["volumeMounts"] = json!([{ "name": "data", "mountPath": "/data" }]);
    })
}

async fn bound(world: &World, claim: &Object) -> LiveObject {
    let is_bound = |live: Option<&LiveObject>| live.is_some_and(|live| at(live, "/status/phase") == "Bound");
    world.until(&claim.key(), "the claim's volume", is_bound).await.expect("it is there")
}

async fn says(world: &World, about: &LiveObject, reason: &str) -> LiveObject {
    let is_meant = |event: &&LiveObject| {
        event.text("/reason") == Some(reason) && event.text("/involvedObject/uid") == Some(about.uid())
    };
    let events = world.until_all(Kind::Event, reason, |events| events.iter().any(|event| is_meant(&event))).await;
    events.iter().find(is_meant).cloned().expect("it was waited for")
}

async fn volume_of(world: &World, claim: &LiveObject) -> LiveObject {
    let name = claim.text("/spec/volumeName").expect("a volume's name");
    world.get(&ObjectKey::new(Kind::PersistentVolume, "", name)).await.expect("the volume")
}

/// A class that binds at once gives a claim its volume.
pub async fn a_claim_gets_a_volume(world: &World) {
    world.backstage.play().await;
    let class = world.backstage.storage_class(Binding::Immediate).await;
    let data = claim(&world.namespace, "data", &class, "1Gi");
    world.apply(&data).await;
    let live = bound(world, &data).await;
    assert_eq!(at(&live, "/status/capacity/storage"), "1Gi");
    let volume = volume_of(world, &live).await;
    assert_eq!(volume.text("/spec/claimRef/uid"), Some(live.uid()));
    assert_eq!(volume.text("/spec/storageClassName"), Some(class.as_str()));
    assert_eq!(at(&volume, "/spec/capacity/storage"), "1Gi");
}

/// Applying a claim that has its volume by now changes nothing: the server's own fields are nobody's of ours.
pub async fn a_bound_claim_is_applied_again(world: &World) {
    world.backstage.play().await;
    let class = world.backstage.storage_class(Binding::Immediate).await;
    let data = claim(&world.namespace, "data", &class, "1Gi");
    world.apply(&data).await;
    let live = bound(world, &data).await;
    let again = world.apply(&data).await;
    assert_eq!(again.text("/spec/volumeName"), live.text("/spec/volumeName"));
    assert_eq!(again.resource_version(), world.live(&data).await.resource_version());
}

/// A class that waits for the first consumer lets the claim wait until a pod has a node.
pub async fn a_claim_waits_for_its_first_consumer(world: &World) {
    world.backstage.play().await;
    let class = world.backstage.storage_class(Binding::WaitForFirstConsumer).await;
    let data = claim(&world.namespace, "data", &class, "1Gi");
    let applied = world.apply(&data).await;
    says(world, &applied, "WaitForFirstConsumer").await;
    assert_eq!(at(&world.live(&data).await, "/status/phase"), "Pending");
    let app = consumer(world);
    world.apply(&app).await;
    rolled_out(world, &app).await;
    bound(world, &data).await;
}

/// A claim that names a volume gets that one, whether there is such a class or not.
pub async fn a_claim_gets_the_volume_that_it_names(world: &World) {
    let by_hand = volume(&world.namespace, "by-hand", "1Gi");
    let made = world.apply(&by_hand).await;
    let data = changed::<PersistentVolumeClaim>(&claim(&world.namespace, "data", "by-hand", "1Gi"), |value| {
        value["spec"]["volumeName"] = json!(made.name());
    });
    world.apply(&data).await;
    let live = bound(world, &data).await;
    let volume = world.live(&by_hand).await;
    assert_eq!(volume.uid(), made.uid());
    assert_eq!(volume.text("/spec/claimRef/uid"), Some(live.uid()));
    assert_eq!(at(&volume, "/status/phase"), "Bound");
}

/// A volume that shall be kept is kept when its claim goes.
pub async fn a_retained_volume_outlives_its_claim(world: &World) {
    let by_hand = volume(&world.namespace, "by-hand", "1Gi");
    world.apply(&by_hand).await;
    let data = changed::<PersistentVolumeClaim>(&claim(&world.namespace, "data", "by-hand", "1Gi"), |value| {
        value["spec"]["volumeName"] = json!(by_hand.name());
    });
    world.apply(&data).await;
    let live = bound(world, &data).await;
    world.delete(&live).await;
    world.until_gone(&data.key()).await;
    let released = |volume: Option<&LiveObject>| volume.is_some_and(|volume| at(volume, "/status/phase") == "Released");
    world.until(&by_hand.key(), "the volume's release", released).await;
}

/// A claim of a class that is not there waits, and says why.
pub async fn a_claim_of_an_unknown_class_says_so(world: &World) {
    let applied = world.apply(&claim(&world.namespace, "data", "no-such-class", "1Gi")).await;
    let event = says(world, &applied, "ProvisioningFailed").await;
    assert_eq!(event.text("/type"), Some("Warning"));
    let message = event.text("/message").unwrap_or_default();
    assert!(message.contains("\"no-such-class\" not found"), "{message}");
    assert_eq!(at(&world.get(&applied.key()).await.expect("it is there"), "/status/phase"), "Pending");
}

/// A claim that a pod uses stays until the pod is gone.
pub async fn a_claim_in_use_stays(world: &World) {
    world.backstage.play().await;
    let class = world.backstage.storage_class(Binding::Immediate).await;
    let data = claim(&world.namespace, "data", &class, "1Gi");
    world.apply(&data).await;
    let app = consumer(world);
    world.apply(&app).await;
    rolled_out(world, &app).await;

    world.delete(&world.live(&data).await).await;
    let live = world.live(&data).await;
    assert!(live.is_terminating());
    assert_eq!(at(&live, "/status/phase"), "Bound");
    // Deleting it once more changes nothing.
    world.delete(&live).await;
    world.delete(&world.live(&app).await).await;
    world.until_all(Kind::Pod, "the end of the pod", <[_]>::is_empty).await;
    world.until_gone(&data.key()).await;
}

/// A claim that has its volume neither shrinks nor moves.
pub async fn a_bound_claim_does_not_shrink_or_move(world: &World) {
    world.backstage.play().await;
    let class = world.backstage.storage_class(Binding::Immediate).await;
    let data = claim(&world.namespace, "data", &class, "2Gi");
    world.apply(&data).await;
    bound(world, &data).await;
    let smaller = claim(&world.namespace, "data", &class, "1Gi");
    let moved = changed::<PersistentVolumeClaim>(&data, |value| value["spec"]["volumeName"] = json!("elsewhere"));
    for change in [smaller, moved] {
        let answer = world.try_apply(&change).await;
        assert!(matches!(answer, Err(ClusterError::Invalid { .. } | ClusterError::FieldConflict { .. })), "{answer:?}");
    }
    let answer = world.cluster.apply(&claim(&world.namespace, "data", &class, "1Gi"), cht_k8s::ApplyMode::Force).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}

/// A claim whose class does not grow cannot grow.
pub async fn a_claim_of_a_fixed_class_does_not_grow(world: &World) {
    world.backstage.play().await;
    let class = world.backstage.storage_class(Binding::Immediate).await;
    let data = claim(&world.namespace, "data", &class, "1Gi");
    world.apply(&data).await;
    bound(world, &data).await;
    let answer = world.try_apply(&claim(&world.namespace, "data", &class, "2Gi")).await;
    assert!(matches!(answer, Err(ClusterError::Forbidden { .. })), "{answer:?}");
}
