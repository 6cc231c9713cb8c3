//! A deploy of what is there already: reads alone, and few of them.

use cht_k8s::Event;
use cht_model::Release;

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

/// At most so many requests for three nodes. Each kind is one, and 4.x has three more: what its upgrade service may do.
fn budget(values: &Values) -> u64 {
    match values.instance().release() {
        Release::V4(_) => 16,
        Release::V5(_) => 14,
    }
}

async fn changes_nothing(site: &Site, values: &Values) {
    site.deploy(values).await.succeeded();
    site.settled().await;
    let before = site.versions().await;
    let plan = site.plan(values).await;
    assert!(plan.is_unchanged());
    assert_eq!(plan.risks(), []);

    let run = site.deploy(values).await.succeeded();
    assert_eq!(site.versions().await, before);
    assert!(run.outcome.requests <= budget(values), "{} requests", run.outcome.requests);
    assert_eq!(run.outcome.counts.unchanged, plan.steps().len());
    assert!(!run.events.iter().any(|event| matches!(event, Event::Applied { .. } | Event::StageStarted(_))));
    assert_eq!(run.address(), values.instance().address());
}

#[tokio::test]
async fn a_cluster_of_5_3_on_k3s() {
    on_a_site(at_once(), async |site| changes_nothing(site, &site.example("k3s-cluster.yaml")).await).await;
}

#[tokio::test]
async fn a_single_node_of_5_3_on_k3s() {
    on_a_site(at_once(), async |site| changes_nothing(site, &site.example("k3d.yaml")).await).await;
}

#[tokio::test]
async fn a_cluster_of_5_3_on_eks() {
    on_a_site(at_once(), async |site| changes_nothing(site, &site.example("eks.yaml")).await).await;
}

#[tokio::test]
async fn a_single_node_of_5_3_on_gke() {
    on_a_site(at_once(), async |site| changes_nothing(site, &site.example("gke.yaml")).await).await;
}

/// With volumes of its own, directory Jobs that are done, and an upgrade service.
#[tokio::test]
async fn a_cluster_of_4_x_on_k3s() {
    on_a_site(at_once(), async |site| changes_nothing(site, &site.example("cht-4x.yaml")).await).await;
}
