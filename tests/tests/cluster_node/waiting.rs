//! What takes its time and what is shut out: the stand-ins do as they are told, from outside.

use cht_tests::http::StatusCode;
use cht_tests::stand_in::Role;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;

use crate::site::{eventually, on_a_site};
use crate::watching::{is_of, is_ready};

/// CouchDB's node 1 joins nobody and the API indexes until the test says that it is enough.
#[tokio::test]
async fn joins_and_indexes_as_long_as_it_is_told() {
    let held = ["cht_image_tag=5.3.0-couchdb.joining.held-api.indexing.held"];
    on_a_site("k3s-cluster.yaml", &held, async |site| {
        let deploy = site.start("deploy --timeout 3m", &[]);
        eventually("a first node that is alone", async || {
            // Before there are credentials and a pod, there is nobody to ask.
            site.stand_ins.born("couchdb-1").await.map_err(|error| error.to_string())?;
            let answer = site.ask_couchdb("couchdb-1", "/_membership").await;
            (answer.status == StatusCode::OK && answer.json()["all_nodes"].as_array().is_some_and(|all| all.len() == 1))
                .then_some(())
                .ok_or(format!("{answer:?}"))
        })
        .await;
        assert_eq!(site.ask_couchdb("couchdb-1", "/_users").await.status, StatusCode::NOT_FOUND);
        site.stand_ins.set("couchdb-1", Role::CouchDb, "joining", "0s").await.expect("node 1 runs");
        let members: Vec<_> = (1..=3).map(|number| site.member(number)).collect();
        site.members("couchdb-1", &members).await;

        eventually("an API that indexes", async || {
            let answer = site.ask("api:5988", "/setup/poll", "application/json").await;
            (answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.body.contains("Service unavailable"))
                .then_some(())
                .ok_or(format!("{answer:?}"))
        })
        .await;
        let page = site.ask("api:5988", "/setup/poll", "*/*").await;
        assert!(page.status == StatusCode::OK && page.body.contains("<title>"), "{page:?}");
        site.stand_ins.set("api", Role::Api, "indexing", "0s").await.expect("the API runs");
        drop(deploy.await.expect("the program ran").expect(0));
        eventually("an API that is ready", async || {
            let answer = site.ask("api:5988", "/setup/poll", "application/json").await;
            (answer.status == StatusCode::OK).then_some(()).ok_or(format!("{answer:?}"))
        })
        .await;
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
            pods.values().any(|pod| is_of(pod, "api") && is_ready(pod) && pod.uid() != old.uid())
        })
        .await;
        eventually("no answer", async || {
            let answer = site.ask("api:5988", "/", "*/*").await;
            answer.body.contains("connection refused").then_some(()).ok_or(format!("{answer:?}"))
        })
        .await;
    })
    .await;
}
