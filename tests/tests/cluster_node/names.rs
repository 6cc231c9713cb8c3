//! Names of Services, as pods look them up.

use cht_tests::cluster::TestCluster;
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::Api;
use kube::api::{LogParams, PostParams};
use serde_json::json;

use crate::site::eventually;
use crate::watching::watch_pods;

/// Runs HAProxy for servers of these names, and returns the last line of its log: it says it is ready when they resolve,
/// and ends when they do not.
async fn haproxy_says(pods: &Api<Pod>, name: &str, servers: &str) -> String {
    let container = json!({
        "name": "haproxy",
        "image": "public.ecr.aws/medic/cht-haproxy:5.3.0",
        "env": [{"name": "COUCHDB_SERVERS", "value": servers}, {"name": "HAPROXY_PORT", "value": "5984"}],
    });
    let pod = json!({"metadata": {"name": name}, "spec": {"restartPolicy": "Never", "containers": [container]}});
    let pod = serde_json::from_value(pod).expect("a pod");
    pods.create(&PostParams::default(), &pod).await.expect("a pod");
    watch_pods(pods.clone(), "HAProxy's start", |pods| {
        let phase = pods.get(name).and_then(|pod| pod.status.as_ref()?.phase.as_deref());
        phase.is_some_and(|phase| phase != "Pending")
    })
    .await;
    eventually("a second line of HAProxy's", async || {
        let said = pods.logs(name, &LogParams::default()).await.map_err(|error| error.to_string())?;
        said.lines().nth(1).map(str::to_owned).ok_or(said)
    })
    .await
}

#[tokio::test]
async fn services_have_names_and_nothing_else_has() {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster: TestCluster, namespace| {
            let services = Api::<Service>::namespaced(cluster.client(), &namespace);
            let service = json!({"metadata": {"name": "couchdb"}, "spec": {"ports": [{"port": 5984}]}});
            let service = serde_json::from_value(service).expect("a Service");
            services.create(&PostParams::default(), &service).await.expect("a Service");

            let pods = Api::namespaced(cluster.client(), &namespace);
            let full = format!("couchdb.{namespace}.svc.cluster.local");
            let (short, full, none) = tokio::join!(
                haproxy_says(&pods, "short", "couchdb"),
                haproxy_says(&pods, "full", &full),
                haproxy_says(&pods, "none", "couchdb-9"),
            );
            assert_eq!((&*short, &*full), ("haproxy is ready", "haproxy is ready"));
            assert!(none.contains("could not resolve address 'couchdb-9'"), "{none}");
        })
        .await;
}
