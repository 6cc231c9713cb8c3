//! From one release line to the next.

use cht_manifests::Kind;

use crate::site::{at_once, on_a_site};

/// An instance of 4.x becomes one of 5.x on the same volumes, although its Deployments change from rolling updates to
/// `Recreate`.
#[tokio::test]
async fn an_instance_of_4_x_becomes_one_of_5_x() {
    on_a_site(at_once(), async |site| {
        let new = site.example("eks.yaml").set("chtversion", "5.3.0");
        let old = new.set("chtversion", "4.22.0").set("upgrade_service.tag", "0.32");
        site.deploy(&old).await.succeeded();
        let claims = site.all(Kind::PersistentVolumeClaim).await;
        assert_eq!(site.live(Kind::Deployment, "cht-haproxy").await.text("/spec/strategy/type"), Some("RollingUpdate"));

        site.deploy(&new).await.succeeded();
        for name in ["cht-api", "cht-haproxy", "cht-sentinel", "cht-couchdb-1"] {
            let live = site.live(Kind::Deployment, name).await;
            assert_eq!(live.value()["spec"]["strategy"], serde_json::json!({ "type": "Recreate" }), "{name}");
        }
        let uids = |claims: &[cht_k8s::LiveObject]| claims.iter().map(|one| one.uid().to_owned()).collect::<Vec<_>>();
        assert_eq!(uids(&site.all(Kind::PersistentVolumeClaim).await), uids(&claims));
        assert!(site.plan(&new).await.is_unchanged());
    })
    .await;
}
