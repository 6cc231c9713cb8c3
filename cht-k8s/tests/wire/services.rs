//! Requests to Services, which the API server passes on.

use std::time::Duration;

use cht_k8s::{Cluster, ClusterError, KubeCluster, ServiceAnswer, ServiceRequest, ServiceResponse};
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tower_test::mock::pair;

use crate::scenario::{refusal, talk};

fn poll() -> ServiceRequest {
    ServiceRequest::get("ns", "api", 5988, "/setup/poll")
}

fn answered(answer: Result<ServiceAnswer, ClusterError>) -> ServiceResponse {
    match answer {
        Ok(ServiceAnswer::Answered(response)) => response,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_service_is_asked_by_name_and_port() {
    let request = poll().with_cookie("AuthSession=c2Vzc2lvbg".into());
    let body = r#"{"ready":true}"#.to_owned();
    let (answer, got) = talk(vec![(200, body.clone())], async |cluster| cluster.call(&request).await).await;
    let answer = answered(answer);
    assert_eq!((answer.status, answer.body), (200, body.into_bytes()));
    assert_eq!(got[0].line, "GET /api/v1/namespaces/ns/services/api:5988/proxy/setup/poll");
    assert_eq!((got[0].accept.as_str(), got[0].cookie.as_str()), ("application/json", "AuthSession=c2Vzc2lvbg"));
    assert_eq!((got[0].content_type.as_str(), got[0].body.as_str()), ("", ""));
}

#[tokio::test]
async fn what_is_sent_is_json() {
    let request = ServiceRequest::post("ns", "couchdb-1", 5984, "/_session", r#"{"name":"medic"}"#.into());
    let (_, got) = talk(vec![(200, String::new())], async |cluster| cluster.call(&request).await).await;
    assert_eq!(got[0].line, "POST /api/v1/namespaces/ns/services/couchdb-1:5984/proxy/_session");
    assert_eq!((got[0].content_type.as_str(), got[0].body.as_str()), ("application/json", r#"{"name":"medic"}"#));
}

#[tokio::test]
async fn a_refusal_of_the_service_is_an_answer_and_one_of_the_server_is_none() {
    let (own, server) = ((403, r#"{"error":"forbidden"}"#.to_owned()), refusal(403, &json!({})));
    let (answer, _) = talk(vec![own], async |cluster| cluster.call(&poll()).await).await;
    assert_eq!(answered(answer).status, 403);
    let (answer, _) = talk(vec![server], async |cluster| cluster.call(&poll()).await).await;
    assert!(matches!(answer, Err(ClusterError::Forbidden { .. })), "{answer:?}");
}

#[tokio::test]
async fn of_a_long_answer_the_beginning_is_kept() {
    let long = "x".repeat(100 * 1024);
    let (answer, _) = talk(vec![(200, long)], async |cluster| cluster.call(&poll()).await).await;
    assert_eq!(answered(answer).body.len(), 64 * 1024);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_not_waited_for_endlessly() {
    let (service, mut handle) = pair::<Request<Body>, Response<Body>>();
    let cluster = KubeCluster::new(Client::new(service, "default"), "https://mock");
    let request = poll();
    let started = tokio::time::Instant::now();
    let (answer, _asked) = futures::join!(cluster.call(&request), handle.next_request());
    assert!(matches!(answer, Ok(ServiceAnswer::Silent { .. })), "{answer:?}");
    assert_eq!((started.elapsed(), cluster.requests()), (Duration::from_secs(5), 1));
}
