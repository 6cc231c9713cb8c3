//! Connections to the pods that the sandbox plays: HTTP, answered as the programs behind Services do.

use std::convert::Infallible;
use std::sync::Arc;

use cht_manifests::{Kind, ObjectKey};
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret;
use tokio::io::{DuplexStream, duplex};

use super::services;
use super::shared::Shared;
use crate::service::LONGEST_BODY;
use crate::{ServiceAnswer, ServiceRequest, ServiceResponse};

/// How much of one side's words waits for the other.
const BUFFER: usize = 64 * 1024;

/// A connection to the pod behind a Service, which answers for as long as the other end is held.
pub(super) fn open(shared: Arc<Shared>, service: ObjectKey, port: u16) -> DuplexStream {
    let (here, there) = duplex(BUFFER);
    let answering = async move {
        let answer = service_fn(|request| {
            let (shared, service) = (Arc::clone(&shared), service.clone());
            async move { Ok::<_, Infallible>(answer(&shared, service, port, request).await) }
        });
        // Whoever has connected may hang up at any time.
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(there), answer).await;
    };
    tokio::spawn(answering);
    here
}

async fn answer(shared: &Shared, service: ObjectKey, port: u16, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let text = |headers: &HeaderMap, name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = Limited::new(body, LONGEST_BODY).collect().await.map(http_body_util::Collected::to_bytes);
    let body = body.ok().filter(|body| !body.is_empty()).and_then(|body| String::from_utf8(body.to_vec()).ok());
    let asked = ServiceRequest {
        service,
        port,
        path: head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned(),
        accept: text(&head.headers, ACCEPT).unwrap_or_else(|| "*/*".to_owned()),
        cookie: text(&head.headers, COOKIE).map(Into::into),
        body: body.map(Into::into),
    };
    match shared.read(|world| services::answer(world, &asked)) {
        ServiceAnswer::Answered(response) => written(response),
        _ => plain(StatusCode::BAD_GATEWAY, "the sandbox plays nobody who would answer here"),
    }
}

fn written(response: ServiceResponse) -> Response<Full<Bytes>> {
    let mut answer = Response::builder().status(response.status).header(CONTENT_TYPE, "application/json");
    if let Some(cookie) = &response.cookie {
        answer = answer.header(SET_COOKIE, cookie.expose_secret());
    }
    let malformed = |_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox has no such answer");
    answer.body(Full::from(response.body)).unwrap_or_else(malformed)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}

/// The Service that a pod's port is behind.
pub(super) fn service_of(pod: &serde_json::Value, namespace: Option<&str>) -> Option<ObjectKey> {
    let role = pod["metadata"]["labels"]["cht.service"].as_str()?;
    Some(ObjectKey::new(Kind::Service, namespace.unwrap_or_default(), role))
}
