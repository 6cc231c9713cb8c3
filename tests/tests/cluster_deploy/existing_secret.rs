//! A Secret that someone else manages: used, and left as it is.

use cht_k8s::{Confirmed, Counts, DataFate, DataRule, Failure, PlanError, Success};
use cht_manifests::Kind;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::site::{Site, at_once, on_a_site};

const NAME: &str = "county-credentials";

fn data(site: &Site, password: &str) -> Value {
    let url = format!("http://jane:{password}@haproxy.{}.svc.cluster.local:5984/medic", site.namespace);
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    json!({
        "COUCHDB_USER": bytes("jane"),
        "COUCHDB_PASSWORD": bytes(password),
        "COUCHDB_SECRET": bytes("a-cookie-secret"),
        "COUCHDB_UUID": bytes("a-uuid"),
        "COUCH_URL": bytes(&url),
    })
}

/// Makes the namespace, and the Secret in it, as another tool would.
async fn provide(site: &Site, data: &Value) {
    let namespace = serde_json::from_value(json!({ "metadata": { "name": site.namespace } })).expect("a Namespace");
    let namespaces: Api<Namespace> = Api::all(site.backdoor.client());
    namespaces.create(&PostParams::default(), &namespace).await.expect("the namespace is made");
    let secret = json!({ "metadata": { "name": NAME }, "data": data });
    let secret = serde_json::from_value(secret).expect("a Secret");
    secrets(site).create(&PostParams::default(), &secret).await.expect("the Secret is made");
}

fn secrets(site: &Site) -> Api<Secret> {
    Api::namespaced(site.backdoor.client(), &site.namespace)
}

async fn change(site: &Site, data: &Value) {
    let patch = Patch::Merge(json!({ "data": data }));
    secrets(site).patch(NAME, &PatchParams::default(), &patch).await.expect("the Secret is changed");
}

#[tokio::test]
async fn from_the_first_deploy_to_the_deletion_of_the_data() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml").set("couchdb.existing_secret", NAME);
        provide(site, &json!({ "COUCHDB_USER": ByteString(b"jane".to_vec()) })).await;
        let refused = cht_k8s::plan(&*site.cluster, values.instance()).await;
        assert!(matches!(&refused, Err(PlanError::UnusableSecret(_))), "{refused:#?}");

        change(site, &data(site, "first")).await;
        let before = site.live(Kind::Secret, NAME).await;
        site.deploy(&values).await.succeeded();
        assert!(site.plan(&values).await.is_unchanged());
        let again = site.deploy(&values).await.succeeded();
        assert_eq!(again.outcome.counts.unchanged, site.plan(&values).await.steps().len());
        assert_eq!(site.live(Kind::Secret, NAME).await, before);
        let secrets = site.all(Kind::Secret).await;
        assert!(!secrets.iter().any(|secret| secret.name() == "cht-couchdb-credentials"));

        change(site, &data(site, "second")).await;
        let run = site.deploy(&values).await;
        let Err(Failure::DataSafety(risks)) = &run.outcome.result else { panic!("{:#?}", run.outcome) };
        assert!(matches!(&risks[..], [risk] if risk.rule == DataRule::Credentials), "{risks:#?}");
        assert_eq!(run.outcome.counts, Counts::default());
        change(site, &data(site, "first")).await;
        assert!(site.plan(&values).await.is_unchanged());

        let confirmed = Confirmed::typed(&values.instance(), &site.namespace).expect("its name");
        let run = site.uninstall_with(&values, DataFate::Delete(confirmed)).await.succeeded();
        let Ok(Success::DataDeleted { deleted, kept, .. }) = &run.outcome.result else { panic!("{:#?}", run.outcome) };
        assert!(deleted.iter().all(|key| key.name != NAME) && kept.iter().any(|kept| kept.object.name == NAME));
        assert_eq!(site.live(Kind::Secret, NAME).await.uid(), before.uid());
    })
    .await;
}
