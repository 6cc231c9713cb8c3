//! Deploys that are killed.

use std::sync::Arc;

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{Cluster, Event, Options, Success, deploy, plan};
use cht_model::Instance;
use futures::StreamExt;

use crate::doomed::until;
use crate::world::{identities, instance, left};

/// Deploys to the end.
pub(crate) async fn run(cluster: Arc<dyn Cluster>, instance: Instance) {
    let plan = plan(&*cluster, instance).await.expect("a plan");
    let mut events = deploy(cluster, plan, Options::default());
    while let Some(event) = events.next().await {
        if let Event::Finished(outcome) = event {
            assert!(matches!(outcome.result, Ok(Success::Deployed { .. })), "{:?}", outcome.result);
        }
    }
}

async fn every_kill_is_survived(example: &str, upgrade: bool) {
    let first = |tag: &str| instance(example, tag);
    let (before, after) = ("5.3.0", if upgrade { "5.3.1" } else { "5.3.0" });
    let namespace = first(before).namespace().as_str().to_owned();
    let whole = Sandbox::new();
    run(Arc::new(whole.clone()), first(after)).await;
    let wanted = left(&whole, &namespace).await;

    for at in 1.. {
        let sandbox = Sandbox::new();
        if upgrade {
            run(Arc::new(sandbox.clone()), first(before)).await;
        }
        if !until(&sandbox, at, |cluster| run(cluster, first(after))).await {
            // A deploy that makes no requests would be survived trivially.
            assert!(at > 10, "only {at} requests");
            break;
        }
        let survivors = identities(&sandbox, &namespace).await;
        run(Arc::new(sandbox.clone()), first(after)).await;

        assert_eq!(left(&sandbox, &namespace).await, wanted, "request {at}");
        let now = identities(&sandbox, &namespace).await;
        for (object, uid) in survivors {
            assert_eq!(now.get(&object), Some(&uid), "{object}: request {at}");
        }
    }
}

#[tokio::test]
async fn at_any_request_of_a_first_deploy_of_a_cluster() {
    every_kill_is_survived("k3s-cluster.yaml", false).await;
}

#[tokio::test]
async fn at_any_request_of_an_upgrade_of_a_cluster() {
    every_kill_is_survived("k3s-cluster.yaml", true).await;
}

#[tokio::test]
async fn at_any_request_of_a_first_deploy_with_directory_jobs() {
    every_kill_is_survived("cht-4x.yaml", false).await;
}
