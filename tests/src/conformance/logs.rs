//! Reading what containers write, as far as clusters without real containers have it.

use cht_k8s::{ClusterError, LogOptions, LogRequest, Measure};
use cht_manifests::{Kind, ObjectKey};

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

/// Whoever asks for lines hears the same.
pub async fn what_is_not_there_has_no_lines(world: &World) {
    let lines = async |pod: ObjectKey, container| {
        world.cluster.log_lines(&pod, container, LogRequest::default()).await.map(drop)
    };
    let answer = lines(world.key(Kind::Pod, "absent"), "app").await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let pod = pods_of(world, "app").await.remove(0);
    let answer = lines(pod.key(), "absent").await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}

/// Only some clusters have someone who measures.
pub async fn what_nobody_measures_is_nothing(world: &World) {
    let pods = Measure::Pods { namespace: world.namespace.clone() };
    for measure in [Measure::Nodes, pods] {
        assert_eq!(world.cluster.measure(&measure).await, Ok(None), "{measure}");
    }
}
