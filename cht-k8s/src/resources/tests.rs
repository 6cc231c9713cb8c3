use std::sync::Arc;

use futures::StreamExt;
use futures::executor::block_on;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tower_test::mock::pair;

use super::*;
use crate::Amount;
use crate::health::testing::{K3D, instance};
use crate::sandbox::Sandbox;
use crate::{Cluster, KubeCluster, LookError, Options, deploy, plan};

const NAMESPACE: &str = "county-a";

#[test]
fn a_sandbox_is_shown_and_not_measured() {
    let sandbox = Arc::new(Sandbox::new());
    assert_eq!(block_on(resources(&*sandbox, NAMESPACE)), Err(LookError::Nothing { namespace: NAMESPACE.to_owned() }));
    let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
    let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
    block_on(events.for_each(|_| std::future::ready(())));
    let seen = block_on(resources(&*sandbox, NAMESPACE)).expect("resources");
    let names: Vec<_> = seen.components.iter().map(|one| one.component.to_string()).collect();
    assert_eq!(names, ["couchdb", "healthcheck", "haproxy", "api", "sentinel"]);
    assert!(seen.components.iter().all(|one| one.pods == 1 && one.requests.memory_bytes > 0 && one.used.is_none()));
    let of_all: u64 = seen.components.iter().map(|one| one.requests.memory_bytes).sum();
    let on_nodes: u64 = seen.nodes.iter().map(|node| node.requested_here.memory_bytes).sum();
    assert_eq!(of_all, on_nodes);
    assert_eq!((seen.claims.len(), seen.claims[0].used_bytes), (1, None));
    assert_eq!(seen.notes[0], "what pods use is not measured: metrics-server is not there");
}

/// What a server answers to each path; 404 to all others.
fn answer(path: &str) -> Option<Value> {
    let pod = json!({
        "metadata": { "name": "p", "namespace": NAMESPACE, "labels": { "cht.service": "couchdb" } },
        "spec": { "nodeName": "alpha", "containers": [
            { "name": "cht-couchdb", "resources": { "requests": { "cpu": "500m", "memory": "1Gi" }, "limits": { "memory": "2Gi" } } },
        ] },
        "status": { "phase": "Running" },
    });
    let other = json!({ "metadata": { "name": "q", "namespace": "other" }, "spec": { "nodeName": "alpha", "containers": [
        { "name": "c", "resources": { "requests": { "cpu": "1" } } },
    ] } });
    let claim = json!({ "metadata": { "name": "couchdb-claim0", "namespace": NAMESPACE }, "status": { "capacity": { "storage": "10Gi" } } });
    let node = json!({ "metadata": { "name": "alpha" }, "status": { "allocatable": { "cpu": "4", "memory": "8Gi" } } });
    let usage = json!({ "cpu": "250000000n", "memory": "524288Ki" });
    let list = |items: Value| Some(json!({ "metadata": { "resourceVersion": "1" }, "items": items }));
    match path {
        "/api/v1/namespaces/county-a/pods" => list(json!([pod])),
        "/api/v1/pods" => list(json!([pod, other])),
        "/api/v1/namespaces/county-a/persistentvolumeclaims" => list(json!([claim])),
        "/api/v1/nodes" => list(json!([node])),
        "/apis/metrics.k8s.io/v1beta1/namespaces/county-a/pods" => {
            list(json!([{ "metadata": { "name": "p" }, "containers": [{ "name": "cht-couchdb", "usage": usage }] }]))
        }
        "/apis/metrics.k8s.io/v1beta1/nodes" => list(json!([{ "metadata": { "name": "alpha" }, "usage": usage }])),
        "/api/v1/nodes/alpha/proxy/stats/summary" => Some(json!({ "pods": [{ "volume": [
            { "name": "data", "usedBytes": 1_u64 << 30, "pvcRef": { "name": "couchdb-claim0", "namespace": NAMESPACE } },
            { "name": "token", "usedBytes": 12 },
        ] }] })),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_measured_is_shown() {
    let (service, mut handle) = pair::<Request<Body>, Response<Body>>();
    let server = async move {
        while let Some((request, reply)) = handle.next_request().await {
            let answer = answer(request.uri().path());
            let status = if answer.is_some() { 200 } else { 404 };
            let body = answer
                .unwrap_or_else(|| json!({ "kind": "Status", "code": 404, "message": "no", "status": "Failure" }));
            let response = Response::builder().status(status).body(Body::from(body.to_string().into_bytes()));
            reply.send_response(response.expect("a response"));
        }
    };
    let cluster = KubeCluster::new(Client::new(service, "default"), "https://mock");
    let looking = async move { resources(&cluster, NAMESPACE).await };
    let (seen, ()) = futures::join!(looking, server);
    let seen = seen.expect("resources");
    let amount = |cpu_millis, memory_bytes| Amount { cpu_millis, memory_bytes };
    let [couchdb] = &seen.components[..] else { panic!("{seen:#?}") };
    assert_eq!((couchdb.requests, couchdb.limits), (amount(500, 1 << 30), amount(0, 2 << 30)));
    assert_eq!(couchdb.used, Some(amount(250, 512 << 20)));
    let [alpha] = &seen.nodes[..] else { panic!("{seen:#?}") };
    assert_eq!((alpha.allocatable, alpha.requested), (amount(4000, 8 << 30), Some(amount(1500, 1 << 30))));
    assert_eq!((alpha.requested_here, alpha.used), (amount(500, 1 << 30), Some(amount(250, 512 << 20))));
    assert_eq!((seen.claims[0].size_bytes, seen.claims[0].used_bytes), (Some(10 << 30), Some(1 << 30)));
    assert_eq!(seen.notes, Vec::<String>::new());
}
