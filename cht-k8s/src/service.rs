//! A request to a Service of an instance, by way of the API server, and what may come of it.

use std::fmt;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use secrecy::SecretString;

/// How much of a service's answer is kept. What is asked here is answered in a few lines.
pub(crate) const LONGEST_BODY: usize = 64 * 1024;

/// How long a service may take to answer. The API server itself would wait for half a minute for a pod out of its reach.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

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
    /// There was no answer in time: the pod is busy, or out of reach.
    Silent {
        /// How long it was waited for.
        reason: String,
    },
    /// What stands between the server and the pods only says that it did not work: the pod does not listen yet, or is out
    /// of reach.
    Gateway {
        /// In the server's words.
        reason: String,
    },
    /// The server has no way to the pods: no route, addresses that it may not use, or nothing that takes it there.
    NoRoute {
        /// In the server's words.
        reason: String,
    },
}

impl ServiceAnswer {
    /// What it means when an API server says this instead of passing on a service's answer, if it is about that.
    pub(crate) fn unreached(message: &str) -> Option<Self> {
        const HANGS_UP: [&str; 4] = ["connection refused", "connection reset", "EOF", "malformed HTTP response"];
        const NO_ROUTE: [&str; 8] = [
            "no route to host",
            "network is unreachable",
            "address not allowed",
            "i/o timeout",
            "no such host",
            "TLS handshake",
            "x509",
            "No agent available",
        ];
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let reason = message.to_owned();
        if !says(&["error trying to reach service"]) {
            None
        } else if says(&HANGS_UP) {
            Some(Self::NotListening { reason })
        } else if says(&NO_ROUTE) {
            Some(Self::NoRoute { reason })
        } else {
            // k3s tunnels to its nodes, and says `502 Bad Gateway` of a pod that does not listen and of one out of reach.
            Some(Self::Gateway { reason })
        }
    }

    /// What it means when nothing has come for so long.
    pub(crate) fn silent() -> Self {
        Self::Silent { reason: format!("no answer within {} seconds", ANSWER_TIMEOUT.as_secs()) }
    }
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
