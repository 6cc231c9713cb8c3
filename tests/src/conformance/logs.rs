//! Reading what containers write, as far as clusters without real containers have it.

use cht_k8s::{ClusterError, LogOptions};
use cht_manifests::Kind;

use super::World;
use super::objects::deployment;
use super::rollout::{pods_of, rolled_out};

const NOW: LogOptions = LogOptions { previous: false, tail: 20 };

/// A pod that is not there has written nothing, and that is said.
pub async fn a_pod_that_is_not_there_has_no_log(world: &World) {
    let answer = world.cluster.logs(&world.key(Kind::Pod, "absent"), "app", NOW).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}

/// A container that the pod does not have has written nothing, and that is said.
pub async fn a_container_that_is_not_there_has_no_log(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let pod = pods_of(world, "app").await.remove(0);
    let answer = world.cluster.logs(&pod.key(), "absent", NOW).await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}
