//! Uninstalling, and deploying again.

use std::collections::{BTreeMap, BTreeSet};

use cht_k8s::{LiveObject, Success};
use cht_manifests::Kind;

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

const CREDENTIALS: &str = "cht-couchdb-credentials";

async fn uids(site: &Site, kind: Kind) -> BTreeMap<String, String> {
    let objects = site.all(kind).await;
    let ours = |one: &&LiveObject| {
        kind.is_namespaced() || one.text("/spec/claimRef/namespace") == Some(site.namespace.as_str())
    };
    objects.iter().filter(ours).map(|one| (one.name().to_owned(), one.uid().to_owned())).collect()
}

/// Uninstalls, checks what is kept, deploys again, and checks that it is what was kept.
async fn comes_back(site: &Site, values: &Values) {
    site.deploy(values).await.succeeded();
    let claims = uids(site, Kind::PersistentVolumeClaim).await;
    let volumes = uids(site, Kind::PersistentVolume).await;
    let secret = site.live(Kind::Secret, CREDENTIALS).await;
    let namespace = site.live(Kind::Namespace, &site.namespace).await;
    assert!(!claims.is_empty() && claims.len() == volumes.len());

    let run = site.uninstall(values).await.succeeded();
    for kind in [Kind::Pod, Kind::Deployment, Kind::Service, Kind::Ingress, Kind::Job, Kind::Role, Kind::RoleBinding] {
        assert_eq!(site.all(kind).await, [], "{kind}");
    }
    assert_eq!(uids(site, Kind::PersistentVolumeClaim).await, claims);
    assert_eq!(uids(site, Kind::PersistentVolume).await, volumes);
    assert!(site.all(Kind::PersistentVolumeClaim).await.iter().all(|claim| !claim.is_terminating()));
    let kept = site.live(Kind::Secret, CREDENTIALS).await;
    assert_eq!(kept.resource_version(), secret.resource_version());
    assert!(!site.live(Kind::Namespace, &site.namespace).await.is_terminating());
    let Ok(Success::Uninstalled { kept }) = &run.outcome.result else { panic!("{:#?}", run.outcome) };
    let named: BTreeSet<_> = kept.iter().map(|key| (key.kind, key.name.clone())).collect();
    let expected = claims
        .keys()
        .map(|name| (Kind::PersistentVolumeClaim, name.clone()))
        .chain(volumes.keys().map(|name| (Kind::PersistentVolume, name.clone())))
        .chain([(Kind::Secret, CREDENTIALS.to_owned()), (Kind::Namespace, site.namespace.clone())]);
    assert_eq!(named, expected.collect());

    site.deploy(values).await.succeeded();
    assert_eq!(uids(site, Kind::PersistentVolumeClaim).await, claims);
    assert_eq!(uids(site, Kind::PersistentVolume).await, volumes);
    let back = site.live(Kind::Secret, CREDENTIALS).await;
    assert_eq!((back.uid(), &back.value()["data"]), (secret.uid(), &secret.value()["data"]));
    assert_eq!(site.live(Kind::Namespace, &site.namespace).await.uid(), namespace.uid());
}

#[tokio::test]
async fn a_cluster_of_5_3_comes_back() {
    on_a_site(at_once(), async |site| comes_back(site, &site.example("k3s-cluster.yaml")).await).await;
}

#[tokio::test]
async fn a_single_node_of_5_3_comes_back() {
    on_a_site(at_once(), async |site| comes_back(site, &site.example("k3d.yaml")).await).await;
}

#[tokio::test]
async fn a_cluster_of_4_x_comes_back() {
    on_a_site(at_once(), async |site| comes_back(site, &site.example("cht-4x.yaml")).await).await;
}

/// Uninstalling what is not there is no error and changes nothing.
#[tokio::test]
async fn nothing_is_uninstalled_where_nothing_is() {
    on_a_site(at_once(), async |site| {
        let run = site.uninstall(&site.example("k3d.yaml")).await.succeeded();
        assert_eq!(run.outcome.counts.removed, 0);
        assert!(!run.events.iter().any(|event| matches!(event, cht_k8s::Event::Removed { .. })));
    })
    .await;
}

/// What someone else has put into the namespace stays.
#[tokio::test]
async fn what_others_have_stays() {
    on_a_site(at_once(), async |site| {
        use cht_k8s::{ApplyMode, Cluster as _};
        use k8s_openapi::api::core::v1::ConfigMap;
        use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        let metadata = ObjectMeta {
            name: Some("theirs".to_owned()),
            namespace: Some(site.namespace.clone()),
            ..ObjectMeta::default()
        };
        let theirs = ConfigMap { metadata, ..ConfigMap::default() }.into();
        let theirs = site.cluster.apply(&theirs, ApplyMode::Respect).await.expect("applied");
        site.uninstall(&values).await.succeeded();
        assert_eq!(site.live(Kind::ConfigMap, "theirs").await.uid(), theirs.uid());
    })
    .await;
}
