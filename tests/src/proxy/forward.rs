//! Passing requests on to the API server.

use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use kube::Client;

use super::stream::{Body, BoxError};

/// What is about one connection, and not about what it carries.
const OF_A_CONNECTION: [HeaderName; 3] = [HOST, CONNECTION, TRANSFER_ENCODING];

/// The API server's answer.
pub(super) async fn forward(server: &Client, head: &Parts, body: Bytes) -> Result<Response<Body>, BoxError> {
    let mut request = Request::builder().method(&head.method).uri(&head.uri).body(body.into())?;
    *request.headers_mut() = passed_on(head.headers.clone());
    let (mut head, body) = server.send(request).await?.into_parts();
    head.headers = passed_on(head.headers);
    Ok(Response::from_parts(head, body.map_err(BoxError::from).boxed_unsync()))
}

fn passed_on(mut headers: HeaderMap) -> HeaderMap {
    for name in OF_A_CONNECTION {
        headers.remove(name);
    }
    headers
}
