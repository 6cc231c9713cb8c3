//! Requests to Services through the API server's proxy, and what its answers mean.
//!
//! The server answers for itself where it cannot reach a pod, with the same statuses that services use. Its own answers
//! are told by their form.

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use http::{Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use kube::core::Status;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::answer::{Subject, is_absent, refusal};
use super::path;
use crate::service::LONGEST_BODY;
use crate::{ClusterError, ServiceAnswer, ServiceRequest, ServiceResponse};

/// The request as the API server takes it.
pub(super) fn request(asked: &ServiceRequest) -> Result<Request<Body>, ClusterError> {
    let uri = format!("{}:{}/proxy{}", path::object(&asked.service), asked.port, asked.path);
    let malformed = |error: http::Error| ClusterError::Malformed { reason: format!("{asked}: {error}") };
    let mut request = Request::builder().method(asked.method()).uri(uri).header(ACCEPT, &asked.accept);
    if let Some(cookie) = &asked.cookie {
        let mut cookie = HeaderValue::from_str(cookie.expose_secret()).map_err(|error| malformed(error.into()))?;
        cookie.set_sensitive(true);
        request = request.header(COOKIE, cookie);
    }
    let body = match &asked.body {
        Some(body) => {
            request = request.header(CONTENT_TYPE, "application/json");
            body.expose_secret().as_bytes().to_vec()
        }
        None => Vec::new(),
    };
    request.body(body.into()).map_err(malformed)
}

/// The answer, as much of it as is kept.
pub(super) async fn read(response: Response<Body>) -> kube::Result<ServiceResponse> {
    let (head, mut rest) = response.into_parts();
    let mut body = Vec::new();
    while body.len() < LONGEST_BODY
        && let Some(frame) = rest.frame().await
    {
        if let Ok(data) = frame?.into_data() {
            body.extend_from_slice(&data);
        }
    }
    body.truncate(LONGEST_BODY);
    Ok(ServiceResponse { status: head.status.as_u16(), cookie: cookies(&head.headers), body })
}

/// What a later request sends of the cookies that are set: their names and values.
fn cookies(headers: &HeaderMap) -> Option<secrecy::SecretString> {
    let set = headers.get_all(SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<_> = set.filter_map(|cookie| cookie.split(';').next()).map(str::trim).collect();
    (!pairs.is_empty()).then(|| pairs.join("; ").into())
}

/// Whose answer it is, and what it means.
pub(super) fn meaning(asked: &ServiceRequest, response: ServiceResponse) -> Result<ServiceAnswer, ClusterError> {
    match own_answer(&response) {
        Some(status) => server_answer(asked, &status),
        None => Ok(ServiceAnswer::Answered(response)),
    }
}

/// The words with which a server that has too many requests in flight turns one away before it looks at it.
const BUSY: &str = "Too many requests, please try again later.";

/// The server's own answer, which names its HTTP status and is always of the same form, but for one.
fn own_answer(response: &ServiceResponse) -> Option<Status> {
    if response.status == 429 && response.body.trim_ascii() == BUSY.as_bytes() {
        return Some(Status::failure(BUSY, "TooManyRequests").with_code(429));
    }
    let value = response.json()?;
    let says = |field: &str, text: &str| value.get(field).and_then(Value::as_str) == Some(text);
    let is_own = says("kind", "Status") && says("apiVersion", "v1") && says("status", "Failure");
    let code = value.get("code").and_then(Value::as_u64);
    (is_own && code == Some(response.status.into())).then(|| serde_json::from_value(value).ok()).flatten()
}

fn server_answer(asked: &ServiceRequest, status: &Status) -> Result<ServiceAnswer, ClusterError> {
    const NO_ENDPOINTS: [&str; 2] = ["no endpoints available for service", "no service port"];
    let message = &status.message;
    if NO_ENDPOINTS.iter().any(|words| message.contains(words)) || is_absent(status, &asked.service) {
        Ok(ServiceAnswer::NoEndpoints)
    } else {
        ServiceAnswer::unreached(message).ok_or_else(|| refusal(status, &Subject::Object(&asked.service)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked() -> ServiceRequest {
        ServiceRequest::get("ns", "api", 5988, "/setup/poll")
    }

    fn response(status: u16, body: &str) -> ServiceResponse {
        ServiceResponse { status, cookie: None, body: body.as_bytes().to_vec() }
    }

    fn own(code: u16, message: &str, details: &Value) -> ServiceResponse {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": "ServiceUnavailable", "details": details, "code": code,
        });
        response(code, &status.to_string())
    }

    fn shown(response: ServiceResponse) -> String {
        match meaning(&asked(), response) {
            Ok(answer) => format!("{answer:?}"),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let tried = |why: &str| own(503, &format!("error trying to reach service: {why}"), &json!({}));
        let shown = [
            response(503, r#"{"code":503,"error":"Service Unavailable","details":"the API is not ready"}"#),
            response(503, "<html>503</html>"),
            response(200, r#"{"kind":"Status","apiVersion":"v1","status":"Failure","code":503}"#),
            own(503, "no endpoints available for service \"api\"", &json!({})),
            own(503, "no service port 5988 found for service \"api\"", &json!({})),
            own(404, "services \"api\" not found", &json!({ "kind": "services", "name": "api" })),
            tried("dial tcp 10.42.0.9:5988: connect: connection refused"),
            tried("read tcp 10.0.0.1:1->10.42.0.9:5988: read: connection reset by peer"),
            tried("EOF"),
            tried("dial tcp 10.42.0.9:5988: i/o timeout"),
            tried("dial tcp 10.42.0.9:5988: connect: no route to host"),
            tried("dial tcp 10.42.0.9:5988: connect: network is unreachable"),
            tried("address not allowed"),
            tried("proxy error from 127.0.0.1:6443 while dialing 10.42.0.9:5988, code 502: 502 Bad Gateway"),
            tried("No agent available"),
            own(403, "services \"api\" is forbidden: User \"eve\" cannot get resource \"services/proxy\"", &json!({})),
            own(401, "Unauthorized", &json!({})),
            own(429, "Too many requests", &json!({ "retryAfterSeconds": 1 })),
            response(429, "Too many requests, please try again later.\n"),
            response(429, "Slow down"),
            own(500, "etcdserver: leader changed", &json!({})),
        ]
        .map(shown);
        insta::assert_snapshot!(shown.join("\n"), @r#"
        Answered(ServiceResponse(503, 75 bytes))
        Answered(ServiceResponse(503, 16 bytes))
        Answered(ServiceResponse(200, 65 bytes))
        NoEndpoints
        NoEndpoints
        NoEndpoints
        NotListening { reason: "error trying to reach service: dial tcp 10.42.0.9:5988: connect: connection refused" }
        NotListening { reason: "error trying to reach service: read tcp 10.0.0.1:1->10.42.0.9:5988: read: connection reset by peer" }
        NotListening { reason: "error trying to reach service: EOF" }
        NoRoute { reason: "error trying to reach service: dial tcp 10.42.0.9:5988: i/o timeout" }
        NoRoute { reason: "error trying to reach service: dial tcp 10.42.0.9:5988: connect: no route to host" }
        NoRoute { reason: "error trying to reach service: dial tcp 10.42.0.9:5988: connect: network is unreachable" }
        NoRoute { reason: "error trying to reach service: address not allowed" }
        Gateway { reason: "error trying to reach service: proxy error from 127.0.0.1:6443 while dialing 10.42.0.9:5988, code 502: 502 Bad Gateway" }
        NoRoute { reason: "error trying to reach service: No agent available" }
        error: Service/api: refused: services "api" is forbidden: User "eve" cannot get resource "services/proxy"
        error: the API server did not accept the credentials of this user: Unauthorized
        error: the API server answered 429: Too many requests
        error: the API server answered 429: Too many requests, please try again later.
        Answered(ServiceResponse(429, 9 bytes))
        error: the API server answered 500: etcdserver: leader changed
        "#);
    }

    #[test]
    fn cookies_are_kept_without_their_attributes() {
        let mut headers = HeaderMap::new();
        assert!(cookies(&headers).is_none());
        headers.append(SET_COOKIE, HeaderValue::from_static("AuthSession=YWRtaW4; Version=1; Path=/; HttpOnly"));
        headers.append(SET_COOKIE, HeaderValue::from_static("other=1"));
        let cookies = cookies(&headers).expect("cookies");
        assert_eq!(cookies.expose_secret(), "AuthSession=YWRtaW4; other=1");
    }
}
