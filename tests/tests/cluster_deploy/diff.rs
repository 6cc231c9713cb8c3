//! What a deploy would change, as a real API server says it: what it fills in itself never shows.

use cht_k8s::{Change, Downtime, FieldConflict, Plan};
use cht_manifests::{Kind, Needed, manifests};
use cht_tests::program::{Cht, Ran};
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

impl Site {
    /// The requests of another tool about an object.
    fn api(&self, object: &DynamicObject) -> Api<DynamicObject> {
        let types = object.types.clone().expect("an object says what it is");
        let resource = ApiResource::from_gvk(&GroupVersionKind::try_from(types).expect("a group, a version, a kind"));
        match object.namespace() {
            Some(namespace) => Api::namespaced_with(self.backdoor.client(), &namespace, &resource),
            None => Api::all_with(self.backdoor.client(), &resource),
        }
    }

    /// Makes an object as helm does: without server-side apply.
    async fn made_by_helm(&self, object: Value) {
        let object: DynamicObject = serde_json::from_value(object).expect("an object");
        let by = PostParams { field_manager: Some("helm".to_owned()), ..PostParams::default() };
        self.api(&object).create(&by, &object).await.expect("made");
    }

    /// Changes an object as a person does.
    pub(crate) async fn edited(&self, kind: Kind, name: &str, change: Value) {
        let mut object = self.live(kind, name).await.value().clone();
        object["apiVersion"] = kind.api_version().into();
        object["kind"] = kind.as_str().into();
        let object: DynamicObject = serde_json::from_value(object).expect("an object");
        let by = PatchParams { field_manager: Some("kubectl-edit".to_owned()), ..PatchParams::default() };
        self.api(&object).patch(name, &by, &Patch::Merge(change)).await.expect("changed");
    }

    /// Runs the program on this cluster.
    fn run(&self, cht: &Cht, command: &[&str], values: &Values) -> Ran {
        let arguments = command.iter().map(|&word| word.to_owned()).chain(values.arguments());
        let kubeconfig = self.backdoor.kubeconfig().display().to_string();
        Ran::of(cht.command(arguments.chain(["--kubeconfig".to_owned(), kubeconfig])))
    }
}

fn with_credentials(values: &Values) -> Values {
    values.set("couchdb.password", "a-password").set("couchdb.secret", "a-secret").set("couchdb.uuid", "a-uuid")
}

fn pending(plan: &Plan) -> Vec<(String, &Change)> {
    let steps = plan.steps().iter().filter(|step| !step.change.is_as_wanted());
    steps.map(|step| (step.manifest.object.key().to_string(), &step.change)).collect()
}

/// Objects that helm has made from the same rendering are adopted, without a change of any field.
async fn adopts_without_a_change(site: &Site, values: &Values) {
    for manifest in &manifests(&values.instance()) {
        if manifest.needed == Needed::Always && !manifest.object.kind().is_optional() {
            site.made_by_helm(manifest.object.to_value()).await;
        }
    }
    let plan = site.plan(values).await;
    for (object, change) in pending(&plan) {
        let is_job = object.starts_with("Job/");
        let adopted = Change::Adopt { fields: vec![], owners: vec![] };
        assert!(*change == adopted || is_job && *change == Change::Create, "{object}: {change:#?}");
    }
    assert_eq!(plan.downtime(), [].into());
    site.deploy(values).await.succeeded();
    assert_eq!(pending(&site.plan(values).await), []);
}

#[tokio::test]
async fn of_a_cluster_of_5_3_that_helm_has_made() {
    on_a_site(at_once(), async |site| {
        adopts_without_a_change(site, &with_credentials(&site.example("k3s-cluster.yaml"))).await;
    })
    .await;
}

#[tokio::test]
async fn of_a_cluster_of_4_x_that_helm_has_made() {
    on_a_site(at_once(), async |site| {
        let values = site.example("eks.yaml").set("chtversion", "4.22.0").set("upgrade_service.tag", "0.32");
        adopts_without_a_change(site, &with_credentials(&values)).await;
    })
    .await;
}

#[tokio::test]
async fn of_an_ingress_on_gke_that_helm_has_made() {
    on_a_site(at_once(), async |site| {
        adopts_without_a_change(site, &with_credentials(&site.example("gke.yaml"))).await;
    })
    .await;
}

/// Each changed field is named, with whose it was; what the server makes of it is not.
#[tokio::test]
async fn of_what_was_changed() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        site.settled().await;
        site.edited(Kind::Deployment, "cht-sentinel", json!({ "spec": { "replicas": 0 } })).await;
        let plan = site.plan(&values.set("api.log_level", "debug")).await;
        let shown: Vec<_> = plan
            .steps()
            .iter()
            .flat_map(|step| step.change.fields().iter().map(|field| (field, step.restarts)))
            .map(|(field, restarts)| (field.field.as_str(), field.old.clone(), field.new.clone(), restarts))
            .collect();
        let level = r#".spec.template.spec.containers[name="cht-api"].env[name="LOG_LEVEL"].value"#;
        assert_eq!(
            shown,
            [
                (level, Some(json!("info")), Some(json!("debug")), Some(Downtime::Instance)),
                (".spec.replicas", Some(json!(0)), Some(json!(1)), None),
            ]
        );
        let sentinel = plan.steps().iter().find(|step| step.manifest.object.name() == "cht-sentinel");
        let Change::Adopt { owners, .. } = &sentinel.expect("Sentinel").change else { panic!("{plan:#?}") };
        let theirs = FieldConflict { manager: "kubectl-edit".to_owned(), field: ".spec.replicas".to_owned() };
        assert_eq!(owners, &[theirs]);
    })
    .await;
}

/// From 4.x to 5.x each Deployment gives up its rolling updates, which the server does not let a trial do.
#[tokio::test]
async fn from_4_x_to_5_x() {
    on_a_site(at_once(), async |site| {
        let new = site.example("eks.yaml").set("chtversion", "5.3.0");
        let old = new.set("chtversion", "4.22.0").set("upgrade_service.tag", "0.32");
        site.deploy(&old).await.succeeded();
        let plan = site.plan(&new).await;
        assert_eq!(plan.refusals(), []);
        for name in ["cht-api", "cht-haproxy", "cht-sentinel"] {
            let step = plan.steps().iter().find(|step| step.manifest.object.name() == name).expect("a Deployment");
            let strategy = step.change.fields().iter().filter(|field| field.field.starts_with(".spec.strategy"));
            let strategy: Vec<_> = strategy.map(|field| (field.field.as_str(), field.new.clone())).collect();
            let wanted = [(".spec.strategy.rollingUpdate", None), (".spec.strategy.type", Some(json!("Recreate")))];
            assert_eq!(strategy, wanted, "{name}");
            assert!(step.restarts.is_some(), "{name}");
        }
    })
    .await;
}

/// A plan that was approved is done while it holds, and not at all when someone has changed an object since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_was_approved() {
    on_a_site(at_once(), async |site| {
        let (cht, values) = (Cht::new(), site.example("k3d.yaml"));
        let run = |command: &[&str], values: &Values| site.run(&cht, command, values);
        let _ = run(&["diff", "--out", "first.json"], &values).expect(3);
        let _ = run(&["deploy", "-q", "--plan", "first.json"], &values).expect(0);
        site.settled().await;
        let unchanged = run(&["diff"], &values).expect(0);
        assert!(unchanged.stdout.contains("nothing to change: "), "{unchanged}");

        let upgrade = values.set("cht_image_tag", "5.3.1");
        let _ = run(&["diff", "--out", "upgrade.json"], &upgrade).expect(3);
        let ports = json!({ "spec": { "ports": [{ "port": 5988, "targetPort": 1, "protocol": "TCP" }] } });
        site.edited(Kind::Service, "api", ports).await;
        let before = site.versions().await;
        let stale = run(&["deploy", "-q", "--plan", "upgrade.json"], &upgrade).expect(12);
        let named = "  Service/api was planned as \"unchanged\" and is now \"adopt\"\n";
        assert!(stale.stderr.contains(named) && stale.stdout.is_empty(), "{stale}");
        assert_eq!(site.versions().await, before);

        let _ = run(&["diff", "--out", "upgrade.json"], &upgrade).expect(3);
        let _ = run(&["deploy", "-q", "--plan", "upgrade.json"], &upgrade).expect(0);
        let _ = run(&["diff"], &upgrade).expect(0);
    })
    .await;
}
