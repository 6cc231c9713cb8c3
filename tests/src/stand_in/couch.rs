//! How stand-ins ask CouchDB, directly or through HAProxy.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use percent_encoding::percent_decode_str;

use super::environment::variable;
use crate::http::{self, StatusCode, header};

/// The port of every CouchDB node.
pub(super) const PORT: u16 = 5984;

const TIMEOUT: Duration = Duration::from_secs(2);
/// Between a question and its repetition.
pub(super) const AGAIN: Duration = Duration::from_millis(200);

/// Someone's way to CouchDB.
#[derive(Clone)]
pub(super) struct Couch {
    address: String,
    authorization: String,
}

impl Couch {
    /// To a node, with these credentials.
    pub(super) fn node(host: &str, user: &str, password: &str) -> Self {
        Self { address: format!("{host}:{PORT}"), authorization: basic(user, password) }
    }

    /// To where `COUCH_URL` leads.
    pub(super) fn of_environment() -> io::Result<Self> {
        Self::at(&variable("COUCH_URL")?)
    }

    /// To where a URL of the form `http://user:password@host:port/database` leads.
    fn at(url: &str) -> io::Result<Self> {
        // Not what it is: it holds the password.
        let invalid = || io::Error::other("COUCH_URL is not http://user:password@host:port/database");
        let uri = url.parse::<Uri>().map_err(|_| invalid())?;
        let one_segment = uri.path().strip_prefix('/').is_some_and(|path| !path.is_empty() && !path.contains('/'));
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http") && one_segment);
        let authority = authority.ok_or_else(invalid)?;
        let (credentials, _) = authority.as_str().rsplit_once('@').ok_or_else(invalid)?;
        let (user, password) = credentials.split_once(':').ok_or_else(invalid)?;
        let decode = |text| percent_decode_str(text).decode_utf8().map_err(|_| invalid());
        let port = authority.port_u16().unwrap_or(80);
        let address = format!("{}:{port}", authority.host());
        Ok(Self { address, authorization: basic(&decode(user)?, &decode(password)?) })
    }

    /// What it answers to a path.
    pub(super) async fn get(&self, path: &str) -> io::Result<(StatusCode, hyper::body::Bytes)> {
        http::get(&self.address, path, (header::AUTHORIZATION, &self.authorization), TIMEOUT).await
    }

    /// Whether it lets its user in.
    pub(super) async fn answers(&self, path: &str) -> bool {
        matches!(self.get(path).await, Ok((StatusCode::OK, _)))
    }

    /// Waits until it lets its user in.
    pub(super) async fn wait_until_it_answers(&self) {
        while !self.answers("/").await {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// A user's and a password's `Authorization`.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_somewhere() {
        let couch = Couch::at("http://medic:p%40ss%3Aword@haproxy.ns.svc.cluster.local:5984/medic").expect("a URL");
        assert_eq!(couch.address, "haproxy.ns.svc.cluster.local:5984");
        assert_eq!(couch.authorization, basic("medic", "p@ss:word"));
    }

    #[test]
    fn what_leads_nowhere_is_refused_without_showing_it() {
        for url in ["", "haproxy:5984", "http://haproxy:5984/medic", "http://u:pw@h:5984/", "http://u:pw@h:5984/a/b"] {
            let error = Couch::at(url).map(|_| ()).expect_err(url).to_string();
            assert!(!error.contains("u:pw"), "{error}");
        }
    }
}
