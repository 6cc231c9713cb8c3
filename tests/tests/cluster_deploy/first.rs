//! The first deploy of an instance: every example, on each line and platform.

use cht_k8s::{Change, Event};
use cht_manifests::{Kind, Stage};

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

/// Deploys values for the first time, and checks what is then there.
async fn deploys(site: &Site, values: &Values) {
    let plan = site.plan(values).await;
    assert!(plan.steps().iter().all(|step| step.change == Change::Create), "{:#?}", plan.steps());
    let objects = plan.steps().len();
    let jobs = plan.steps().iter().filter(|step| step.manifest.object.kind() == Kind::Job).count();
    let workloads = plan.steps().iter().filter(|step| step.manifest.object.kind() == Kind::Deployment).count();

    let run = site.deploy(values).await.succeeded();
    assert_eq!(run.address(), values.instance().address());
    assert_eq!((run.outcome.counts.created, run.outcome.counts.removed), (objects, jobs), "{:#?}", run.outcome);
    assert_eq!((run.outcome.counts.changed, run.outcome.counts.unchanged), (0, 0), "{:#?}", run.outcome);
    let budget = 2 * objects as u64 + 20;
    assert!(run.outcome.requests <= budget, "{} requests for {objects} objects", run.outcome.requests);
    let stages: Vec<_> = run
        .events
        .iter()
        .filter_map(|event| match event {
            Event::StageStarted(stage) => Some(*stage),
            _ => None,
        })
        .collect();
    assert!(stages.is_sorted() && stages.first() == Some(&Stage::Namespace), "{stages:?}");

    assert_eq!(site.player.seen().ready(), workloads);
    for object in plan.steps().iter().map(|step| &step.manifest.object) {
        let there = site.all(object.kind()).await.iter().any(|live| live.key() == object.key());
        assert_eq!(there, object.kind() != Kind::Job, "{}", object.key());
    }
    let claims = site.all(Kind::PersistentVolumeClaim).await;
    assert!(claims.iter().all(|claim| claim.text("/status/phase") == Some("Bound")), "{claims:#?}");

    // Nothing that the server fills in looks like a change.
    let plan = site.plan(values).await;
    let changes: Vec<_> = plan
        .steps()
        .iter()
        .filter(|step| !step.change.is_as_wanted())
        .map(|step| (step.manifest.object.key(), step.change.clone()))
        .collect();
    assert_eq!(changes, []);
    let status = site.status(values).await;
    assert!(status.is_ready() && status.broken.is_empty(), "{status:#?}");
    assert_eq!((status.components.len(), status.address.as_str()), (workloads, run.address()));
}

#[tokio::test]
async fn a_single_node_of_5_3_on_k3s() {
    on_a_site(at_once(), async |site| deploys(site, &site.example("k3d.yaml")).await).await;
}

#[tokio::test]
async fn a_cluster_of_5_3_on_k3s() {
    on_a_site(at_once(), async |site| deploys(site, &site.example("k3s-cluster.yaml")).await).await;
}

#[tokio::test]
async fn a_cluster_of_5_2_on_k3s() {
    on_a_site(at_once(), async |site| {
        deploys(site, &site.example("k3s-cluster.yaml").set("chtversion", "5.2.0")).await;
    })
    .await;
}

#[tokio::test]
async fn a_cluster_of_5_3_on_eks() {
    on_a_site(at_once(), async |site| deploys(site, &site.example("eks.yaml")).await).await;
}

#[tokio::test]
async fn a_single_node_of_5_3_on_gke() {
    on_a_site(at_once(), async |site| deploys(site, &site.example("gke.yaml")).await).await;
}

#[tokio::test]
async fn a_single_node_of_4_x_on_k3s() {
    on_a_site(at_once(), async |site| {
        let values = site
            .example("cht-4x.yaml")
            .set("couchdb.clusteredCouch_enabled", "false")
            .set("local_storage.preExistingDiskPath-1", "/var/lib/couchdb-of-county-b");
        deploys(site, &values).await;
    })
    .await;
}

/// Local volumes, and a Job for the folder of each.
#[tokio::test]
async fn a_cluster_of_4_x_on_k3s() {
    on_a_site(at_once(), async |site| deploys(site, &site.example("cht-4x.yaml")).await).await;
}

#[tokio::test]
async fn a_cluster_of_4_x_on_eks() {
    on_a_site(at_once(), async |site| {
        let values = site.example("eks.yaml").set("chtversion", "4.22.0").set("upgrade_service.tag", "0.32");
        deploys(site, &values).await;
    })
    .await;
}

/// A namespace that someone has made is used as it is.
#[tokio::test]
async fn into_a_namespace_that_is_there() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy_until(&values, |event| matches!(event, Event::Applied { .. })).await;
        let before = site.live(Kind::Namespace, &site.namespace).await;
        site.deploy(&values).await.succeeded();
        let after = site.live(Kind::Namespace, &site.namespace).await;
        assert_eq!(after.resource_version(), before.resource_version());
    })
    .await;
}

/// A deploy that was stopped midway is taken up by the next one, which makes no second volume and no second password.
#[tokio::test]
async fn after_one_that_was_stopped() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml");
        let stopped = site.deploy_until(&values, |event| matches!(event, Event::StageStarted(Stage::CouchDb))).await;
        assert!(matches!(stopped.outcome.result, Err(cht_k8s::Failure::Interrupted)), "{:#?}", stopped.outcome);
        let secret = site.live(Kind::Secret, "cht-couchdb-credentials").await;
        let claim = site.live(Kind::PersistentVolumeClaim, "couchdb-1-claim0").await;
        site.deploy(&values).await.succeeded();
        let kept = site.live(Kind::Secret, "cht-couchdb-credentials").await;
        assert_eq!((kept.uid(), &kept.value()["data"]), (secret.uid(), &secret.value()["data"]));
        assert_eq!(site.live(Kind::PersistentVolumeClaim, "couchdb-1-claim0").await.uid(), claim.uid());
    })
    .await;
}
