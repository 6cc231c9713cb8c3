//! What takes its time and what is shut out: the stand-ins do as they are told, from outside.

use cht_tests::stand_in::Role;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;

use crate::site::{component, eventually, on_a_site};
use crate::watching::{is_of, is_running};

/// CouchDB's node 1 joins nobody and the API indexes until the test says that it is enough.
#[tokio::test]
async fn joins_and_indexes_as_long_as_it_is_told() {
    let held = ["cht_image_tag=5.3.0-couchdb.joining.held-api.indexing.held"];
    on_a_site("k3s-cluster.yaml", &held, async |site| {
        let deploy = site.start("deploy --timeout 5m", &[]);
        // Before there are credentials and a pod, there is nobody to ask.
        site.has_members("couchdb-1", 1).await;
        let none = site.ask_couchdb("couchdb-1", "/_users").await;
        assert!(matches!(none, Ok((404, _))), "{none:?}");
        // The nodes are asked for their cluster once each of them answers.
        eventually("a status", async || {
            let couchdb = component(&site.run("status", &[]).await.json(), "couchdb-1");
            let waits = couchdb["reason"] == "1 of 3 CouchDB nodes have joined";
            if waits { Ok(()) } else { Err(couchdb.to_string()) }
        })
        .await;
        site.stand_ins.set("couchdb-1", Role::CouchDb, "joining", "0s").await.expect("node 1 runs");
        site.has_members("couchdb-1", 3).await;

        let refusal = (503, r#"{"error":"Service unavailable"}"#.to_owned());
        eventually("an API that indexes", async || {
            let said = site.ask_api("/setup/poll", "application/json").await?;
            if said == refusal { Ok(()) } else { Err(format!("{said:?}")) }
        })
        .await;
        let page = site.ask_api("/setup/poll", "*/*").await;
        assert!(matches!(&page, Ok((200, text)) if text.contains("<title>")), "{page:?}");
        let status = site.run("status", &[]).await.json();
        let api = component(&status, "api");
        assert_eq!((&api["state"], &api["code"]), (&json!("progressing"), &json!("indexing")), "{status:#}");
        site.stand_ins.set("api", Role::Api, "indexing", "0s").await.expect("the API runs");
        drop(deploy.await.expect("the program ran").expect(0));
        site.api_is_ready("5.3.0").await;
    })
    .await;
}

/// With another password than CouchDB knows, the API does not listen.
#[tokio::test]
async fn an_api_that_is_not_let_in_does_not_listen() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let wrong = format!("http://medic:wrong@haproxy.{}.svc.cluster.local:5984/medic", site.namespace);
        let secrets = Api::<Secret>::namespaced(site.client.clone(), &site.namespace);
        let change = Patch::Merge(json!({"stringData": {"COUCH_URL": wrong}}));
        secrets.patch("cht-couchdb-credentials", &PatchParams::default(), &change).await.expect("changed");
        let api = ListParams::default().labels("cht.service=api");
        let [old] = &site.pods().list(&api).await.expect("pods").items[..] else { panic!("not one API") };
        site.pods().delete(&old.name_any(), &DeleteParams::default()).await.expect("deleted");
        site.watch_pods("another API", |pods| {
            pods.values().any(|pod| is_of(pod, "api") && is_running(pod) && pod.uid() != old.uid())
        })
        .await;
        eventually("no answer", async || match site.ask_api("/", "*/*").await {
            Err(reason) if reason.contains("connection refused") => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    })
    .await;
}
