//! Uninstalling with the data.

use cht_k8s::{Action, Cluster as _, Confirmed, DataFate, LiveObject, Success, history};
use cht_manifests::Kind;
use serde_json::json;

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

fn delete(values: &Values) -> DataFate {
    let instance = values.instance();
    DataFate::Delete(Confirmed::typed(&instance, instance.project().as_str()).expect("its name"))
}

/// The volumes that are bound to a claim of the site, or were.
async fn volumes(site: &Site) -> Vec<LiveObject> {
    let all = site.all(Kind::PersistentVolume).await.into_iter();
    all.filter(|volume| {
        volume.text("/spec/claimRef/namespace") == Some(&site.namespace) || volume.name().contains(&site.namespace)
    })
    .collect()
}

async fn names(site: &Site, kind: Kind) -> Vec<String> {
    site.all(kind).await.iter().map(|object| object.name().to_owned()).collect()
}

/// Deploys three nodes, deletes all of it beside a claim of someone else, and deploys anew. Answers with the places that
/// still hold data.
async fn goes(site: &Site, values: &Values) -> Vec<String> {
    site.deploy(values).await.succeeded();
    assert_eq!(volumes(site).await.len(), 3);
    let theirs = json!({
        "metadata": { "name": "theirs", "namespace": site.namespace },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "none-of-this-name",
            "resources": { "requests": { "storage": "1Gi" } },
        },
    });
    site.cluster.create(&LiveObject::new(Kind::PersistentVolumeClaim, theirs)).await.expect("created");

    let run = site.uninstall_with(values, delete(values)).await.succeeded();
    let Ok(Success::DataDeleted { deleted, kept, remains }) = run.outcome.result else { panic!("{:#?}", run.outcome) };
    let count = |kind| deleted.iter().filter(|key| key.kind == kind).count();
    let kinds = [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret];
    assert_eq!(kinds.map(count), [3, 3, 1], "{deleted:?}");
    let kept: Vec<_> = kept.iter().map(|kept| kept.object.to_string()).collect();
    assert_eq!(kept, ["PersistentVolumeClaim/theirs".to_owned(), format!("Namespace/{}", site.namespace)]);
    assert_eq!(names(site, Kind::PersistentVolumeClaim).await, ["theirs"]);
    assert_eq!(volumes(site).await, []);
    for kind in [Kind::Pod, Kind::Deployment, Kind::Service, Kind::Lease] {
        assert_eq!(names(site, kind).await, Vec::<String>::new(), "{kind}");
    }
    assert!(!names(site, Kind::Secret).await.contains(&"cht-couchdb-credentials".to_owned()));
    assert!(!names(site, Kind::ConfigMap).await.iter().any(|name| name.starts_with("cht.")));
    assert!(!site.live(Kind::Namespace, &site.namespace).await.is_terminating());

    let before = site.live(Kind::PersistentVolumeClaim, "theirs").await;
    let again = site.uninstall_with(values, delete(values)).await.succeeded();
    assert!(again.events.is_empty() && again.outcome.counts.removed == 0, "{again:#?}");
    assert_eq!(names(site, Kind::Lease).await, Vec::<String>::new(), "nothing is written");
    assert_eq!(site.live(Kind::PersistentVolumeClaim, "theirs").await.uid(), before.uid());
    site.deploy(values).await.succeeded();
    remains.into_iter().map(|remains| remains.place).collect()
}

#[tokio::test]
async fn provisioned_volumes_go_with_their_disks() {
    on_a_site(at_once(), async |site| {
        assert_eq!(goes(site, &site.example("k3s-cluster.yaml")).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn given_disks_are_left_and_named() {
    on_a_site(at_once(), async |site| {
        let places = goes(site, &site.example("cht-4x.yaml")).await;
        assert_eq!(places.len(), 3, "{places:?}");
        assert!(places.iter().all(|place| place.starts_with("folder /") && place.contains(" of node ")), "{places:?}");
    })
    .await;
}

#[tokio::test]
async fn an_uninstall_is_on_record() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        site.uninstall(&values).await.succeeded();
        site.deploy(&values).await.succeeded();
        let history = history(&*site.cluster, &values.instance()).await.expect("a history");
        let actions: Vec<_> = history.iter().map(|line| line.action).collect();
        assert_eq!(actions, [Action::Deploy, Action::Uninstall, Action::Deploy]);
    })
    .await;
}
