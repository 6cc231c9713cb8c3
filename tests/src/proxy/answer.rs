//! Answers that the proxy makes up, in the forms that programs meet.

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::stream::{Body, whole};

const JSON: &str = "application/json";

/// An answer of this status, as an API server or what is in front of it gives it; `sent` is what it repeats.
pub(super) fn answer(status: u16, retry_after: Option<u32>, sent: Option<&str>) -> Response<Body> {
    let (content_type, text) = match (status, sent) {
        // The API server's limit on requests in flight, and load balancers, have no Status to give.
        (429, None) => ("text/plain", "Too many requests, please try again later.\n".to_owned()),
        (503, None) => ("text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>\n".to_owned()),
        _ => (JSON, failure(status, sent).to_string()),
    };
    let mut response = Response::builder().status(status).header(CONTENT_TYPE, content_type);
    if let Some(seconds) = retry_after {
        response = response.header(RETRY_AFTER, seconds);
    }
    response.body(whole(Bytes::from(text))).expect("status and headers are valid")
}

/// A watch that ends at once, because what it asks for is too long ago.
pub(super) fn expired() -> Response<Body> {
    let event = json!({ "type": "ERROR", "object": failure(410, None) });
    let line = Bytes::from(format!("{event}\n"));
    Response::builder().header(CONTENT_TYPE, JSON).body(whole(line)).expect("the headers are valid")
}

fn failure(status: u16, sent: Option<&str>) -> Value {
    let (reason, message) = match status {
        401 => ("Unauthorized", "Unauthorized"),
        403 => ("Forbidden", "the policy of this test forbids it"),
        409 => (
            "Conflict",
            "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again",
        ),
        410 => ("Expired", "too old resource version: 1 (2)"),
        422 => ("Invalid", "admission webhook \"test.example.org\" denied the request"),
        500 => ("InternalError", "etcdserver: leader changed"),
        504 => ("Timeout", "etcdserver: request timed out"),
        _ => ("", StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("")),
    };
    let message = sent.map_or_else(|| message.to_owned(), |sent| format!("{message}: {sent}"));
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": status,
    })
}
