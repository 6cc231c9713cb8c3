//! Back to an earlier revision, and what has drifted from the newest one, as a real API server says it.

use cht_k8s::{
    Action, DataRule, Drift, DriftClass, DriftError, DriftedField, Failure, FieldConflict, LiveObject, RecordError,
};
use cht_manifests::Kind;
use serde_json::{Value, json};

use crate::run::Run;
use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

impl Site {
    /// Every object that holds data, but for what its controllers write of it.
    async fn data(&self) -> Vec<(String, String, Value)> {
        let kinds = [Kind::Namespace, Kind::PersistentVolume, Kind::PersistentVolumeClaim, Kind::Secret];
        let mut found = Vec::new();
        for kind in kinds {
            let ours = |object: &LiveObject| {
                kind.is_namespaced()
                    || object.name() == self.namespace
                    || object.text("/spec/claimRef/namespace") == Some(&self.namespace)
            };
            let objects = self.all(kind).await.into_iter().filter(ours);
            found.extend(objects.map(|object| {
                let content = json!({
                    "labels": object.value()["metadata"]["labels"],
                    "annotations": object.value()["metadata"]["annotations"],
                    "spec": object.value()["spec"],
                    "data": object.value()["data"],
                });
                (object.key().to_string(), object.uid().to_owned(), content)
            }));
        }
        found
    }

    async fn image_of_api(&self) -> String {
        let api = self.live(Kind::Deployment, "cht-api").await;
        api.text("/spec/template/spec/containers/0/image").expect("an image").to_owned()
    }

    async fn drift(&self, values: &Values) -> Result<Drift, DriftError> {
        cht_k8s::drift(&*self.cluster, &values.instance()).await
    }

    async fn has_not_drifted(&self, values: &Values) {
        assert_eq!(self.drift(values).await.expect("a comparison").drifted, []);
    }
}

/// The image tag of an upgrade is taken back, on the volumes and with the credentials that are there.
async fn takes_a_tag_back(site: &Site, values: &Values) {
    site.deploy(values).await.succeeded();
    let before = site.image_of_api().await;
    let upgrade = values.set("cht_image_tag", "5.9.9");
    site.deploy(&upgrade).await.succeeded();
    assert_ne!(site.image_of_api().await, before);
    site.has_not_drifted(values).await;

    let data = site.data().await;
    assert!(data.len() >= 4, "{data:#?}");
    let plan = cht_k8s::plan_rollback(&*site.cluster, &upgrade.instance(), None).await.expect("a plan");
    assert_eq!(plan.action(), Action::Rollback { to: 1 });
    assert_eq!(plan.superseded(), []);
    // Only images change: the checksum of the credentials is that of the live Secret.
    let changed: Vec<_> = plan.steps().iter().flat_map(|step| step.change.fields()).collect();
    assert!(
        !changed.is_empty() && changed.iter().all(|field| field.field.rsplit('.').next() == Some("image")),
        "{changed:#?}"
    );
    site.rollback(&upgrade, None).await.succeeded();
    assert_eq!(site.image_of_api().await, before);
    assert_eq!(site.data().await, data);
    site.has_not_drifted(values).await;

    let revisions = cht_k8s::history(&*site.cluster, &values.instance()).await.expect("a history");
    assert_eq!(revisions.last().map(|last| (last.number, last.action)), Some((3, Action::Rollback { to: 1 })));
    site.settled().await;
    assert!(site.plan(values).await.is_unchanged(), "the values of that time are there");
}

#[tokio::test]
async fn of_one_image_tag() {
    on_a_site(at_once(), async |site| takes_a_tag_back(site, &site.example("k3d.yaml")).await).await;
}

#[tokio::test]
async fn of_one_image_tag_of_a_cluster() {
    on_a_site(at_once(), async |site| takes_a_tag_back(site, &site.example("cht-4x.yaml")).await).await;
}

/// The run was refused for this rule, and has left every object as it was.
fn assert_refused(run: &Run, rule: DataRule) {
    let Err(Failure::DataSafety(risks)) = &run.outcome.result else { panic!("{rule}: {:#?}", run.outcome) };
    assert!(risks.iter().all(|risk| risk.rule == rule), "{rule}: {risks:#?}");
}

#[tokio::test]
async fn to_another_major_version_or_fewer_nodes_is_refused() {
    on_a_site(at_once(), async |site| {
        let new = site.example("eks.yaml").set("chtversion", "5.3.0");
        let old = new.set("chtversion", "4.22.0").set("upgrade_service.tag", "0.32");
        site.deploy(&old.set("clusteredCouch.noOfCouchDBNodes", "2")).await.succeeded();
        site.deploy(&old).await.succeeded();
        assert_refused(&site.rollback(&old, None).await, DataRule::FewerNodes);
        site.deploy(&new).await.succeeded();
        site.settled().await;
        let before = site.versions().await;
        assert_refused(&site.rollback(&new, None).await, DataRule::MajorVersion);
        assert_refused(&site.deploy(&old).await, DataRule::MajorVersion);
        assert_eq!(site.versions().await, before);
    })
    .await;
}

#[tokio::test]
async fn drift_after_an_edit_and_a_deletion() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        assert!(matches!(site.drift(&values).await, Err(DriftError::NoRecord { .. })));
        site.deploy(&values).await.succeeded();
        site.settled().await;
        // What others add, and whom the same value belongs to as well, is no drift.
        let note = json!({ "metadata": { "annotations": { "example.org/seen": "1" } } });
        site.edited(Kind::Deployment, "cht-api", note).await;
        site.edited(Kind::Deployment, "cht-api", json!({ "spec": { "replicas": 1 } })).await;
        site.has_not_drifted(&values).await;

        site.edited(Kind::Deployment, "cht-sentinel", json!({ "spec": { "replicas": 0 } })).await;
        site.edited(Kind::Secret, "cht-couchdb-credentials", json!({ "data": { "COUCHDB_USER": "eA==" } })).await;
        site.settled().await;
        let before = site.versions().await;
        let drift = site.drift(&values).await.expect("a comparison");
        assert_eq!(site.versions().await, before, "nothing is written");
        let [secret, sentinel] = &drift.drifted[..] else { panic!("{drift:#?}") };
        assert_eq!(secret.object.name, "cht-couchdb-credentials");
        assert_eq!(secret.fields.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), [".data.COUCHDB_USER"]);
        let replicas =
            DriftedField { field: ".spec.replicas".to_owned(), recorded: Some(json!(1)), live: Some(json!(0)) };
        assert_eq!((sentinel.object.name.as_str(), &sentinel.fields), ("cht-sentinel", &vec![replicas]));
        let theirs = FieldConflict { manager: "kubectl-edit".to_owned(), field: ".spec.replicas".to_owned() };
        assert_eq!(sentinel.owners, [theirs]);

        let service = site.live(Kind::Service, "haproxy").await;
        assert!(cht_k8s::Cluster::delete(&*site.cluster, &service.key(), service.uid()).await.expect("an answer"));
        let drift = site.drift(&values).await.expect("a comparison");
        let classes: Vec<_> =
            drift.drifted.iter().map(|drifted| (drifted.object.name.as_str(), drifted.class)).collect();
        let expected = [
            ("cht-couchdb-credentials", DriftClass::Changed),
            ("haproxy", DriftClass::Missing),
            ("cht-sentinel", DriftClass::Changed),
        ];
        assert_eq!(classes, expected);
    })
    .await;
}

#[tokio::test]
async fn to_a_revision_whose_record_is_gone_is_refused() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        let record = site.live(Kind::ConfigMap, &format!("cht.{}.r1", site.namespace)).await;
        assert!(cht_k8s::Cluster::delete(&*site.cluster, &record.key(), record.uid()).await.expect("an answer"));
        assert!(matches!(site.drift(&values).await, Err(DriftError::Record(RecordError::NoRevision { .. }))));
        let refused = cht_k8s::plan_rollback(&*site.cluster, &values.instance(), Some(1)).await;
        assert!(matches!(refused, Err(cht_k8s::PlanError::Rollback(_))), "{refused:#?}");
    })
    .await;
}
