//! The logs of containers, streamed, through connections that break.

use std::io;
use std::sync::{Arc, Mutex};

use cht_k8s::{Cluster, ClusterError, KubeCluster, LogRequest, Measure, TailOptions, Tailed, tail};
use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tower_test::mock::pair;

use crate::scenario::{refusal, talk};

fn pod() -> ObjectKey {
    ObjectKey::new(Kind::Pod, "ns", "p")
}

#[tokio::test]
async fn lines_come_with_their_times() {
    let body = "2026-01-02T03:04:05.5Z one\n2026-01-02T03:04:06Z two".to_owned();
    let request = LogRequest { previous: true, tail: Some(2), ..LogRequest::default() };
    let (lines, got) = talk(vec![(200, body)], async |cluster| {
        let lines = cluster.log_lines(&pod(), "cht-api", request).await.expect("lines");
        lines.map(|line| line.expect("a line").text).collect::<Vec<_>>().await
    })
    .await;
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(
        got[0].line,
        "GET /api/v1/namespaces/ns/pods/p/log?container=cht-api&timestamps=true&previous=true&follow=false&tailLines=2"
    );
}

#[tokio::test]
async fn what_is_not_there_has_no_lines() {
    let absent = refusal(404, &json!({ "kind": "pods", "name": "p" }));
    let (answer, _) =
        talk(vec![absent], async |cluster| cluster.log_lines(&pod(), "cht-api", LogRequest::default()).await.map(drop))
            .await;
    assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{answer:?}");
}

#[tokio::test]
async fn what_nobody_measures_is_nothing() {
    for code in [404, 503] {
        let (answer, got) =
            talk(vec![refusal(code, &json!({}))], async |cluster| cluster.measure(&Measure::Nodes).await).await;
        assert_eq!((answer, got[0].line.as_str()), (Ok(None), "GET /apis/metrics.k8s.io/v1beta1/nodes"));
    }
    let (answer, _) =
        talk(vec![refusal(403, &json!({}))], async |cluster| cluster.measure(&Measure::Nodes).await).await;
    assert!(matches!(answer, Err(ClusterError::Forbidden { .. })), "{answer:?}");
}

/// What a server answers besides logs.
fn object(path: &str) -> Value {
    let pod = json!({
        "metadata": { "name": "p", "namespace": "ns", "uid": "u", "labels": { "cht.service": "api" } },
        "spec": { "containers": [{ "name": "cht-api" }] },
        "status": { "containerStatuses": [{
            "name": "cht-api", "image": "i", "imageID": "", "ready": true, "restartCount": 0,
            "state": { "running": { "startedAt": "2026-01-02T03:04:05Z" } },
        }] },
    });
    let items = if path.ends_with("/pods") { json!([pod]) } else { json!([]) };
    json!({ "metadata": { "resourceVersion": "7" }, "items": items })
}

type Streamed = StreamBody<BoxStream<'static, io::Result<Frame<Bytes>>>>;

fn streamed(parts: Vec<io::Result<&str>>, goes_on: bool) -> Streamed {
    let parts: Vec<_> = parts.into_iter().map(|part| part.map(|text| Bytes::from(text.to_owned()))).collect();
    let rest = if goes_on { stream::pending().left_stream() } else { stream::empty().right_stream() };
    StreamBody::new(stream::iter(parts).map(|part| part.map(Frame::data)).chain(rest).boxed())
}

/// The first connection breaks in the middle of a line; the next one begins a second earlier.
#[tokio::test(start_paused = true)]
async fn a_log_that_is_followed_goes_on_after_a_broken_connection_and_repeats_nothing() {
    let (service, mut handle) = pair::<Request<Body>, Response<Streamed>>();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let server = tokio::spawn(async move {
        while let Some((request, reply)) = handle.next_request().await {
            let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
            let body = if path.ends_with("/log") {
                log.lock().expect("not poisoned").push(query.clone());
                let one = "2026-01-02T03:04:05.1Z one\n";
                let two = "2026-01-02T03:04:06.2Z two\n2026-01-02T03:04:06.2Z two\n";
                match (query.contains("follow=true"), log.lock().expect("not poisoned").len()) {
                    (false, _) => streamed(vec![Ok(one)], false),
                    (true, 2) => streamed(
                        vec![Ok(one), Ok(two), Ok("2026-01-02T03:04:07Z thr"), Err(io::Error::other("reset"))],
                        false,
                    ),
                    (true, _) => streamed(vec![Ok(two), Ok("2026-01-02T03:04:07Z three\n")], true),
                }
            } else if query.contains("watch=true") {
                streamed(Vec::new(), true)
            } else if path.contains("/secrets/") {
                let (code, status) = refusal(404, &json!({ "kind": "secrets", "name": path.rsplit('/').next() }));
                let response = Response::builder().status(code).body(streamed(vec![Ok(&status)], false));
                reply.send_response(response.expect("a response"));
                continue;
            } else {
                streamed(vec![Ok(&object(&path).to_string())], false)
            };
            reply.send_response(Response::new(body));
        }
    });
    let cluster = Arc::new(KubeCluster::new(Client::new(service, "default"), "https://mock"));
    let options = TailOptions { follow: true, ..TailOptions::default() };
    let lines = tail(cluster, "ns", None, options).await.expect("lines").lines;
    let texts: Vec<_> = lines
        .take(4)
        .map(|tailed| match tailed {
            Ok(Tailed::Line(line)) => line.text,
            other => panic!("{other:?}"),
        })
        .collect()
        .await;
    assert_eq!(texts, ["one", "two", "two", "three"]);
    let asked = asked.lock().expect("not poisoned").clone();
    let since = |query: &String| query.split_once("sinceTime=").map(|(_, time)| time.to_owned());
    let expected =
        [None, Some("2026-01-02T03:04:05Z"), Some("2026-01-02T03:04:06Z")].map(|time| time.map(str::to_owned));
    assert_eq!(asked.iter().map(since).collect::<Vec<_>>(), expected);
    server.abort();
}
