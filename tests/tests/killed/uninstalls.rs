//! Uninstalls that are killed, with and without the data.

use std::sync::Arc;

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{
    Action, Cluster, Confirmed, DataFate, Event, RevisionOutcome, Success, UninstallOptions, history, uninstall,
};
use cht_manifests::Kind;
use cht_model::Instance;
use futures::StreamExt;

use crate::deploys;
use crate::doomed::until;
use crate::world::{identities, instance_with, left};

/// Uninstalls to the end, and answers with what came of it.
async fn run(cluster: Arc<dyn Cluster>, instance: Instance, data: DataFate) -> Success {
    let options = UninstallOptions { data, ..UninstallOptions::default() };
    let events: Vec<_> = uninstall(cluster, instance, options).collect().await;
    match events.into_iter().last() {
        Some(Event::Finished(outcome)) => outcome.result.expect("it succeeds"),
        other => panic!("{other:?}"),
    }
}

/// Values of one node whose volume its provisioner makes, and of one over a folder that is there.
const PROVISIONED: &[&str] = &[];
const GIVEN: &[&str] = &[
    "environment=remote",
    "couchdb_data.preExistingDataAvailable=true",
    "local_storage.preExistingDiskPath-1=/srv/couchdb1",
    "nodes.node-1=server-1",
    "ingress.host=cht.example.org",
];

/// A deployed instance of one node: that these are small is what makes it possible to kill so many.
async fn deployed(set: &[&str]) -> (Instance, Sandbox) {
    let instance = instance_with("k3d.yaml", set);
    let sandbox = Sandbox::new();
    deploys::run(Arc::new(sandbox.clone()), instance.clone()).await;
    (instance, sandbox)
}

#[tokio::test]
async fn at_any_request_of_an_uninstall() {
    let (first, whole) = deployed(PROVISIONED).await;
    let namespace = first.namespace().as_str();
    run(Arc::new(whole.clone()), first.clone(), DataFate::Keep).await;
    let wanted = left(&whole, namespace).await;

    for at in 1.. {
        let (instance, sandbox) = deployed(PROVISIONED).await;
        let survivors = identities(&sandbox, namespace).await;
        let doomed = |cluster| async { drop(run(cluster, instance.clone(), DataFate::Keep).await) };
        if !until(&sandbox, at, doomed).await {
            assert!(at > 25, "only {at} requests");
            break;
        }
        run(Arc::new(sandbox.clone()), instance.clone(), DataFate::Keep).await;
        assert_eq!(left(&sandbox, namespace).await, wanted, "request {at}");
        assert_eq!(identities(&sandbox, namespace).await, survivors, "request {at}");
        let history = history(&sandbox, &instance).await.expect("a history");
        let last = history.last().expect("a revision");
        assert_eq!((last.action, &last.outcome), (Action::Uninstall, &RevisionOutcome::Done), "request {at}");
    }
}

/// What is left that a complete deletion of the data does not leave.
async fn remnants(sandbox: &Sandbox, namespace: &str) -> Vec<String> {
    let of_cluster = |kind: &Kind| {
        matches!(kind, Kind::Namespace | Kind::Event | Kind::Node | Kind::StorageClass | Kind::IngressClass)
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| !of_cluster(kind));
    let mut remnants = Vec::new();
    for kind in kinds {
        let items = sandbox.list(kind, Some(namespace)).await.expect("a list").items;
        remnants.extend(items.iter().map(|object| object.key().to_string()));
    }
    // Every namespace has these.
    remnants.retain(|name| !["ServiceAccount/default", "ConfigMap/kube-root-ca.crt"].contains(&name.as_str()));
    remnants
}

async fn every_kill_of_a_deletion_is_survived(set: &[&str], volume: &str) {
    for at in 1.. {
        let (instance, sandbox) = deployed(set).await;
        let volumes = sandbox.list(Kind::PersistentVolume, None).await.expect("a list").items;
        assert!(volumes.len() == 1 && volumes[0].name().starts_with(volume), "{volumes:?}");
        let data = DataFate::Delete(Confirmed::typed(&instance, instance.project().as_str()).expect("its name"));
        let doomed = |cluster| async { drop(run(cluster, instance.clone(), data.clone()).await) };
        let was_killed = until(&sandbox, at, doomed).await;
        if was_killed {
            let success = run(Arc::new(sandbox.clone()), instance.clone(), data).await;
            assert!(matches!(success, Success::DataDeleted { .. }), "request {at}: {success:?}");
        }
        assert_eq!(remnants(&sandbox, instance.namespace().as_str()).await, Vec::<String>::new(), "request {at}");
        assert!(history(&sandbox, &instance).await.expect("an answer").is_empty());
        if !was_killed {
            assert!(at > 40, "only {at} requests");
            break;
        }
    }
}

#[tokio::test]
async fn at_any_request_of_a_deletion_of_a_provisioned_volume() {
    every_kill_of_a_deletion_is_survived(PROVISIONED, "pvc-").await;
}

#[tokio::test]
async fn at_any_request_of_a_deletion_of_a_given_volume() {
    every_kill_of_a_deletion_is_survived(GIVEN, "couchdb-pv-").await;
}
