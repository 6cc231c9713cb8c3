//! Asking the programs behind Services, as far as clusters without real containers have it.

use std::time::Duration;

use cht_k8s::{ServiceAnswer, ServiceRequest};

use super::World;
use super::objects::{deployment, service};
use super::rollout::rolled_out;
use super::world::in_time;

async fn answer(world: &World, name: &str, port: u16) -> ServiceAnswer {
    let request = ServiceRequest::get(&world.namespace, name, port, "/path?query=1");
    world.cluster.call(&request).await.unwrap_or_else(|error| panic!("{request}: {error}"))
}

/// Behind a Service that is not there nobody answers, and that is no error.
pub async fn a_service_that_is_not_there_has_no_endpoints(world: &World) {
    let answer = answer(world, "absent", 80).await;
    assert!(matches!(answer, ServiceAnswer::NoEndpoints), "{answer:?}");
}

/// Behind a Service without pods nobody answers.
pub async fn a_service_without_pods_has_no_endpoints(world: &World) {
    world.apply(&service(&world.namespace, "app")).await;
    let answer = answer(world, "app", 80).await;
    assert!(matches!(answer, ServiceAnswer::NoEndpoints), "{answer:?}");
}

/// A port that the Service does not have leads nowhere.
pub async fn a_port_that_is_not_there_has_no_endpoints(world: &World) {
    world.apply(&service(&world.namespace, "app")).await;
    let answer = answer(world, "app", 81).await;
    assert!(matches!(answer, ServiceAnswer::NoEndpoints), "{answer:?}");
}

/// A pod that is ready and runs nothing is found, and does not answer.
pub async fn a_pod_that_runs_nothing_does_not_answer(world: &World) {
    world.backstage.play().await;
    world.apply(&service(&world.namespace, "app")).await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let found = async {
        loop {
            match answer(world, "app", 80).await {
                // The Service takes its pods on a moment after they are ready.
                ServiceAnswer::NoEndpoints => world.cluster.clock().sleep(Duration::from_millis(100)).await,
                other => break other,
            }
        }
    };
    let answer = in_time(&*world.cluster, "the end of no endpoints", found).await;
    assert!(!matches!(answer, ServiceAnswer::Answered(_)), "{answer:?}");
}
