//! A request to a Service of an instance, by way of the API server, and what may come of it.

use std::fmt;

use cht_manifests::{Kind, ObjectKey};
use secrecy::SecretString;

/// How much of a service's answer is kept. What is asked here is answered in a few lines.
pub(crate) const LONGEST_BODY: usize = 64 * 1024;

/// One HTTP request to a Service: a GET, or with a body a POST of JSON.
#[derive(Clone)]
pub struct ServiceRequest {
    /// The Service.
    pub service: ObjectKey,
    /// Its port, by number.
    pub port: u16,
    /// The path with its query, from the first `/` on.
    pub path: String,
    /// Which types of content are welcome.
    pub accept: String,
    /// The cookies, as their header has them.
    pub cookie: Option<SecretString>,
    /// What is sent.
    pub body: Option<SecretString>,
}

impl ServiceRequest {
    /// Asks for a path, and for its answer in JSON.
    pub fn get(namespace: &str, service: &str, port: u16, path: &str) -> Self {
        Self {
            service: ObjectKey::new(Kind::Service, namespace, service),
            port,
            path: path.to_owned(),
            accept: "application/json".to_owned(),
            cookie: None,
            body: None,
        }
    }

    /// Sends JSON to a path.
    pub fn post(namespace: &str, service: &str, port: u16, path: &str, body: SecretString) -> Self {
        Self { body: Some(body), ..Self::get(namespace, service, port, path) }
    }

    /// The request with cookies that an earlier answer has set.
    #[must_use]
    pub fn with_cookie(self, cookie: SecretString) -> Self {
        Self { cookie: Some(cookie), ..self }
    }

    /// The method, e.g. `GET`.
    pub fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }
}

impl fmt::Display for ServiceRequest {
    /// `GET api:5988/setup/poll`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}{}", self.method(), self.service.name, self.port, self.path)
    }
}

impl fmt::Debug for ServiceRequest {
    /// What is asked: body and cookies are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceRequest({self})")
    }
}

/// What came of a request to a Service.
#[derive(Debug, Clone)]
pub enum ServiceAnswer {
    /// The service has answered, whatever it says.
    Answered(ServiceResponse),
    /// No pod of the Service is ready, or there is no such Service or port.
    NoEndpoints,
    /// The pod can be reached, and does not listen yet or hangs up.
    NotListening {
        /// In the server's words.
        reason: String,
    },
    /// There was no answer, and the server does not say whether the pod can be reached: it took too long, or whatever
    /// stands between server and pods only says that something went wrong.
    Silent {
        /// What is known of it.
        reason: String,
    },
    /// The server has no way to the pods: no route, addresses that it may not use, or nothing that takes it there.
    NoRoute {
        /// In the server's words.
        reason: String,
    },
}

/// A service's own answer.
#[derive(Clone)]
pub struct ServiceResponse {
    /// The HTTP status.
    pub status: u16,
    /// The cookies that it sets, as a later request sends them.
    pub cookie: Option<SecretString>,
    /// The content, as far as 64 KiB hold it.
    pub body: Vec<u8>,
}

impl ServiceResponse {
    /// The content as JSON, where it is that.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Debug for ServiceResponse {
    /// Without content and cookies, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceResponse({}, {} bytes)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let request = ServiceRequest::post("ns", "couchdb", 5984, "/_session", "canary".into());
        let request = request.with_cookie("AuthSession=canary".into());
        assert_eq!(format!("{request:?}"), "ServiceRequest(POST couchdb:5984/_session)");
        let body = b"canary".to_vec();
        let response = ServiceResponse { status: 200, cookie: Some("AuthSession=canary".into()), body };
        let answer = ServiceAnswer::Answered(response);
        assert_eq!(format!("{answer:?}"), "Answered(ServiceResponse(200, 6 bytes))");
    }
}
