//! An API server that expects certain requests in order, and gives prepared answers.

use std::pin::pin;

use cht_k8s::KubeCluster;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use tower_test::mock::{Handle, pair};

/// A request as the server got it: method and path with query, some headers, body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) line: String,
    pub(crate) content_type: String,
    pub(crate) accept: String,
    pub(crate) cookie: String,
    pub(crate) body: String,
}

/// Runs `client` against a server that gives these answers, and tells what the server got.
pub(crate) async fn talk<T, F>(answers: Vec<(u16, String)>, client: impl FnOnce(KubeCluster) -> F) -> (T, Vec<Got>)
where
    F: Future<Output = T>,
{
    let (service, mut handle) = pair::<Request<Body>, Response<Body>>();
    let cluster = KubeCluster::new(Client::new(service, "default"), "https://mock");
    let (answer, got) = futures::join!(client(cluster), serve(&mut handle, answers));
    (answer, got)
}

async fn serve(handle: &mut Handle<Request<Body>, Response<Body>>, answers: Vec<(u16, String)>) -> Vec<Got> {
    let mut handle = pin!(handle);
    let mut got = Vec::new();
    for (status, body) in answers {
        let (request, answer) = handle.next_request().await.expect("the client asks for more");
        let (head, body_sent) = request.into_parts();
        let body_sent = body_sent.collect_bytes().await.expect("the request has a body");
        let header = |name| head.headers.get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned();
        got.push(Got {
            line: format!("{} {}", head.method, head.uri),
            content_type: header(CONTENT_TYPE),
            accept: header(ACCEPT),
            cookie: header(COOKIE),
            body: String::from_utf8(body_sent.to_vec()).expect("JSON is UTF-8"),
        });
        let response = Response::builder().status(status).body(Body::from(body.into_bytes()));
        answer.send_response(response.expect("a response"));
    }
    got
}

/// A refusal in the API's own form.
pub(crate) fn refusal(code: u16, details: &serde_json::Value) -> (u16, String) {
    let status = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": "as it is", "details": details,
    });
    (code, status.to_string())
}
