//! Values, objects, names and registries for the tests of checks.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use async_trait::async_trait;
use http::header::{HeaderMap, WWW_AUTHENTICATE};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Finding, Names, Verdict};
use crate::web::{Web, WebAnswer, WebError, WebRequest};

/// Values of a single node of 5.x on k3s, with a host.
pub(super) const K3S: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: remote
couchdb: {couchdb_node_storage_size: 10Gi}
ingress: {host: cht.example.org}
";

/// Values of a single node of 5.x on EKS.
pub(super) const EKS: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: eks
couchdb: {couchdb_node_storage_size: 10Gi, storage_class: gp3}
ingress: {host: cht.example.org, annotations: {groupname: group}}
cert_source: eks-medic
";

/// Values of a single node of 5.x on GKE.
pub(super) const GKE: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: gke
couchdb: {couchdb_node_storage_size: 10Gi, storage_class: standard-rwo}
ingress: {host: cht.example.org, gcp: {enabled: true}}
";

/// An object from its JSON.
pub(super) fn decode<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("an object of its type")
}

/// The verdicts alone.
pub(super) fn verdicts(findings: &[Finding]) -> Vec<Verdict> {
    findings.iter().map(|finding| finding.verdict).collect()
}

/// Names with an address each.
#[derive(Debug)]
pub(super) struct Book(BTreeMap<String, IpAddr>);

impl Book {
    pub(super) fn of(entries: &[(&str, &str)]) -> Self {
        let entry = |(name, address): &(&str, &str)| ((*name).to_owned(), address.parse().expect("an address"));
        Self(entries.iter().map(entry).collect())
    }
}

#[async_trait]
impl Names for Book {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        self.0.get(host).map(|address| vec![*address]).ok_or_else(|| "unknown name".to_owned())
    }
}

/// A registry as it answers about every image.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// The status of the answer about an image; none where the registry cannot be reached.
    status: Option<u16>,
    /// Where it sends those who have no token.
    realm: Option<&'static str>,
    /// Whether anybody gets a token there.
    gives: bool,
    asked: Mutex<Vec<String>>,
}

const REALM: &str = "https://tokens.example.org/token";

impl Registry {
    pub(super) fn open(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    pub(super) fn with_tokens(status: u16) -> Self {
        Self { status: Some(status), realm: Some(REALM), gives: true, ..Self::default() }
    }

    pub(super) fn signed_in_only() -> Self {
        Self { status: Some(200), realm: Some(REALM), ..Self::default() }
    }

    /// It wants its token to be fetched where anybody can listen.
    pub(super) fn unsafe_realm() -> Self {
        Self { status: Some(200), realm: Some("http://tokens.example.org/token"), gives: true, ..Self::default() }
    }

    pub(super) fn unreachable() -> Self {
        Self::default()
    }

    /// What it was asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

#[async_trait]
impl Web for Registry {
    async fn get(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        self.asked.lock().expect("not poisoned").push(request.url.clone());
        let Some(status) = self.status else { return Err(WebError::NotResolved { url: request.url.clone() }) };
        let mut headers = HeaderMap::new();
        let answer = |status, body: &str| WebAnswer { status, headers: HeaderMap::new(), body: body.into() };
        if request.url.contains("/token") {
            return Ok(if self.gives { answer(200, r#"{"token": "any"}"#) } else { answer(401, "{}") });
        }
        match self.realm {
            Some(realm) if request.bearer.is_none() => {
                let challenge = format!(r#"Bearer realm="{realm}",service="registry.example.org",scope="any""#);
                headers.insert(WWW_AUTHENTICATE, challenge.parse().expect("a header"));
                Ok(WebAnswer { status: 401, headers, body: Vec::new() })
            }
            _ => Ok(answer(status, "{}")),
        }
    }
}
