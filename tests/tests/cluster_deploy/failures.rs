//! Deploys that cannot succeed end early, with the reason, and soon after the cluster has shown it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cht_k8s::{Broken, Cluster, LiveObject, Options, ProblemCode, WatchEvent};
use cht_manifests::{Component, Kind};
use cht_tests::player::{Behaviour, Script};
use futures::StreamExt as _;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::run::Run;
use crate::site::{PATIENCE, Site, at_once, on_a_site};

/// From when the cluster shows it to when the run has ended.
const SOON: Duration = Duration::from_secs(2);

/// Notes when an object of a kind first shows something.
fn when_shown(site: &Site, kind: Kind, shows: impl Fn(&LiveObject) -> bool + Send + 'static) -> JoinHandle<Instant> {
    let (cluster, namespace) = (Arc::clone(&site.cluster), site.namespace.clone());
    tokio::spawn(async move {
        let listing = cluster.list(kind, Some(&namespace)).await.expect("a list");
        let mut watch = cluster.watch(kind, &namespace, &listing.resource_version).await.expect("a watch");
        loop {
            match watch.next().await.expect("the watch goes on").expect("no error") {
                WatchEvent::Changed(object) if shows(&object) => return Instant::now(),
                _ => {}
            }
        }
    })
}

/// The broken component, after checking that it was reported in time.
async fn reported_soon(run: &Run, code: ProblemCode, shown: JoinHandle<Instant>) -> &Broken {
    let broken = run.broken(code);
    let shown = tokio::time::timeout(PATIENCE, shown).await.expect("the cluster shows it").expect("watched");
    let late = run.ended.saturating_duration_since(shown);
    assert!(late <= SOON, "reported {late:?} after the cluster had shown it");
    broken
}

/// What a look beforehand would refuse: it can come about later, too.
fn unlooked() -> Options {
    Options { skip_preflight: true, ..Options::default() }
}

fn statuses(pod: &LiveObject) -> Vec<Value> {
    pod.value()["status"]["containerStatuses"].as_array().cloned().unwrap_or_default()
}

/// An image that is not there: two pulls have failed.
#[tokio::test]
async fn an_image_that_cannot_be_pulled() {
    let missing = Behaviour::ImagePull { message: "manifest for cht-api:5.3.0 not found".to_owned() };
    on_a_site(at_once().image("cht-api", missing), async |site| {
        let shown = when_shown(site, Kind::Event, |event| {
            event.text("/message").is_some_and(|message| message.starts_with("Failed to pull image"))
                && event.value()["count"].as_i64().is_some_and(|count| count >= 2)
        });
        let run = site.deploy(&site.example("k3d.yaml")).await;
        let broken = reported_soon(&run, ProblemCode::ImagePull, shown).await;
        assert_eq!((broken.component, broken.problem.container.as_deref()), (Component::Api, Some("cht-api")));
        assert_eq!(broken.problem.object.kind, Kind::Pod);
        assert!(broken.problem.node.is_some());
        let said = "manifest for cht-api:5.3.0 not found";
        assert!(broken.problem.message.contains(said), "{}", broken.problem.message);
        assert!(broken.evidence.warnings.iter().any(|warning| warning.contains(said)), "{:#?}", broken.evidence);

        // What is mended is taken up again: a pod that failed before is no failure of this run.
        site.player.script(|script| script.image("cht-api", Behaviour::Ready { after: Duration::ZERO }));
        site.deploy(&site.example("k3d.yaml")).await.succeeded();
    })
    .await;
}

/// Deploys while a container ends again and again: it has restarted three times.
async fn reports_a_crash_loop(script: Script, example: &str, container: &str, component: Component) {
    let crash = Behaviour::CrashLoop { exit_code: 3, message: "no such module".to_owned() };
    on_a_site(script.container(container, crash), async |site| {
        let shown = when_shown(site, Kind::Pod, |pod| {
            statuses(pod).iter().any(|status| {
                status["restartCount"].as_i64().is_some_and(|count| count >= 3)
                    && status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
            })
        });
        let run = site.deploy(&site.example(example)).await;
        let broken = reported_soon(&run, ProblemCode::CrashLoop, shown).await;
        assert_eq!((broken.component, broken.problem.exit_code), (component, Some(3)));
        assert_eq!(broken.problem.container.as_deref(), Some(container));
        let warnings = &broken.evidence.warnings;
        assert!(warnings.iter().any(|warning| warning.starts_with("BackOff: ")), "{warnings:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_crash_loop() {
    let script = at_once().container("cht-couchdb-nouveau", Behaviour::NeverReady);
    reports_a_crash_loop(script, "k3d.yaml", "cht-couchdb", Component::CouchDb(None)).await;
}

/// A container without a readiness probe is ready whenever it runs: that it does between two ends is no success.
#[tokio::test]
async fn a_crash_loop_that_is_ready_in_between() {
    reports_a_crash_loop(at_once(), "k3s-cluster.yaml", "cht-couchdb-2", Component::CouchDb(Some(2))).await;
}

/// A node that is not there.
#[tokio::test]
async fn a_pod_that_no_node_takes() {
    on_a_site(at_once(), async |site| {
        let shown = when_shown(site, Kind::Pod, |pod| {
            let conditions = pod.value()["status"]["conditions"].as_array().cloned().unwrap_or_default();
            conditions.iter().any(|condition| condition["reason"] == "Unschedulable")
                && pod.label("cht.service") == Some("couchdb-2")
        });
        let values = site.example("k3s-cluster.yaml").set("nodes.node-2", "no-such-node");
        let run = site.deploy_with(&values, unlooked()).await;
        let broken = reported_soon(&run, ProblemCode::Unschedulable, shown).await;
        assert_eq!(broken.component, Component::CouchDb(Some(2)));
        assert!(broken.problem.message.contains("nodes are available"), "{}", broken.problem.message);
    })
    .await;
}

/// A class that is not there.
#[tokio::test]
async fn a_claim_that_cannot_be_bound() {
    on_a_site(at_once(), async |site| {
        let shown = when_shown(site, Kind::Event, |event| event.text("/reason") == Some("ProvisioningFailed"));
        let values = site.example("k3d.yaml").set("couchdb.storage_class", "no-such-class");
        let run = site.deploy_with(&values, unlooked()).await;
        let broken = reported_soon(&run, ProblemCode::ClaimPending, shown).await;
        assert_eq!(broken.problem.object.kind, Kind::PersistentVolumeClaim);
        assert!(broken.problem.message.contains("no-such-class"), "{}", broken.problem.message);
        assert!(!broken.evidence.warnings.is_empty());
    })
    .await;
}

/// A key that its Secret does not have.
#[tokio::test]
async fn a_container_that_cannot_be_configured() {
    let said = "couldn't find key COUCH_URL in Secret";
    let missing = Behaviour::ConfigError { message: said.to_owned() };
    on_a_site(at_once().container("cht-api", missing), async |site| {
        let shown = when_shown(site, Kind::Pod, |pod| {
            statuses(pod).iter().any(|status| status["state"]["waiting"]["reason"] == "CreateContainerConfigError")
        });
        let run = site.deploy(&site.example("k3d.yaml")).await;
        let broken = reported_soon(&run, ProblemCode::ContainerConfig, shown).await;
        assert!(broken.problem.message.contains(said), "{}", broken.problem.message);
    })
    .await;
}

/// A version that does not start leaves the nodes that it has not reached as they are.
#[tokio::test]
async fn a_new_version_that_does_not_start() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml");
        site.deploy(&values).await.succeeded();
        let missing = Behaviour::ImagePull { message: "manifest unknown".to_owned() };
        site.player.script(|script| script.image("cht-couchdb:5.3.1", missing));
        let run = site.deploy(&values.set("chtversion", "5.3.1")).await;
        assert_eq!(run.broken(ProblemCode::ImagePull).component, Component::CouchDb(Some(1)));
        let pods = site.all(Kind::Pod).await;
        let on_old = |pod: &&LiveObject| pod.text("/spec/containers/0/image").is_some_and(|it| it.ends_with(":5.3.0"));
        assert_eq!(pods.iter().filter(on_old).count(), pods.len() - 1);
    })
    .await;
}
