//! Fields that cannot change once their object is there.

use cht_k8s::{ApplyMode, ClusterError};
use cht_manifests::Object;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Secret, Service};
use k8s_openapi::api::rbac::v1::RoleBinding;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::World;
use super::objects::{changed, claim, deployment, job, object, pod, service, volume};

/// Applies the object, then the change, which must be refused, with force and without.
async fn refuses<T>(world: &World, object: &Object, change: impl FnOnce(&mut Value))
where
    T: DeserializeOwned,
    Object: From<T>,
{
    world.apply(object).await;
    let state = |live: &cht_k8s::LiveObject| (live.uid().to_owned(), live.value()["spec"].clone());
    let before = state(&world.live(object).await);
    let changed = changed::<T>(object, change);
    for mode in [ApplyMode::Respect, ApplyMode::Force] {
        let answer = world.cluster.apply(&changed, mode).await;
        assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{}: {answer:?}", object.key());
    }
    assert_eq!(state(&world.live(object).await), before);
}

/// Which pods a Deployment has.
pub async fn a_deployments_selector(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    refuses::<Deployment>(world, &app, |value| {
        value["spec"]["selector"]["matchLabels"] = json!({ "app": "other" });
        value["spec"]["template"]["metadata"]["labels"] = json!({ "app": "other" });
    })
    .await;
}

/// A Job's pods.
pub async fn a_jobs_template(world: &World) {
    let job = job(&world.namespace, "work", "example.org/job:1");
    refuses::<Job>(world, &job, |value| pod(value)["containers"][0]["image"] = json!("example.org/job:2")).await;
}

/// The class of a claim.
pub async fn a_claims_class(world: &World) {
    let data = claim(&world.namespace, "data", "no-such-class", "2Gi");
    refuses::<PersistentVolumeClaim>(world, &data, |value| value["spec"]["storageClassName"] = json!("other")).await;
}

/// The size of a claim that has no volume yet.
pub async fn a_claim_does_not_shrink(world: &World) {
    let data = claim(&world.namespace, "data", "no-such-class", "2Gi");
    refuses::<PersistentVolumeClaim>(world, &data, |value| {
        value["spec"]["resources"]["requests"]["storage"] = json!("1Gi");
    })
    .await;
}

/// The volume that a claim names.
pub async fn a_claims_volume(world: &World) {
    let data = changed::<PersistentVolumeClaim>(&claim(&world.namespace, "data", "no-such-class", "2Gi"), |value| {
        value["spec"]["volumeName"] = json!("one");
    });
    refuses::<PersistentVolumeClaim>(world, &data, |value| value["spec"]["volumeName"] = json!("other")).await;
}

/// What a volume is over.
pub async fn a_volumes_source(world: &World) {
    let volume = volume(&world.namespace, "by-hand", "1Gi");
    refuses::<PersistentVolume>(world, &volume, |value| value["spec"]["hostPath"]["path"] = json!("/elsewhere")).await;
}

/// A Service's address.
pub async fn a_services_address(world: &World) {
    let front = service(&world.namespace, "front");
    let address = world.apply(&front).await.text("/spec/clusterIP").map(str::to_owned).expect("an address");
    let other = if address == "10.96.200.1" { "10.96.200.2" } else { "10.96.200.1" };
    refuses::<Service>(world, &front, |value| value["spec"]["clusterIP"] = json!(other)).await;
}

/// A Secret's type.
pub async fn a_secrets_type(world: &World) {
    let keys = object::<Secret>(
        &world.namespace,
        json!({ "metadata": { "name": "keys" }, "data": { "a": "MQ==" }, "type": "Opaque" }),
    );
    refuses::<Secret>(world, &keys, |value| value["type"] = json!("example.org/other")).await;
}

/// The role that a binding gives.
pub async fn a_bindings_role(world: &World) {
    let binding = object::<RoleBinding>(
        &world.namespace,
        json!({
            "metadata": { "name": "binding" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "one" },
            "subjects": [{ "kind": "ServiceAccount", "name": "one", "namespace": world.namespace }],
        }),
    );
    refuses::<RoleBinding>(world, &binding, |value| value["roleRef"]["name"] = json!("other")).await;
}
