//! Asking an instance's applications, through the API server's service proxy.

use cht_tests::http::{Method, StatusCode, header};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::client::Body;
use serde_json::{Value, json};

use crate::site::{Site, eventually};

/// An application's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    cookie: Option<String>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON: {error}: {self:?}"))
    }
}

impl Site {
    /// What a Service, e.g. `api:5988`, answers to a client that accepts this.
    pub(crate) async fn ask(&self, service: &str, path: &str, accept: &str) -> Answer {
        self.send(service, path, Method::GET, (header::ACCEPT, accept), String::new()).await
    }

    /// What a CouchDB node, e.g. `couchdb-2`, answers to its administrator: once with the password, then with the
    /// cookie, since the API server keeps the header `Authorization` to itself.
    pub(crate) async fn ask_couchdb(&self, node: &str, path: &str) -> Answer {
        let service = format!("{node}:5984");
        let credentials = json!({"name": self.credential("COUCHDB_USER").await, "password": self.credential("COUCHDB_PASSWORD").await});
        let json = (header::CONTENT_TYPE, "application/json");
        let session = self.send(&service, "/_session", Method::POST, json, credentials.to_string()).await;
        let Some(cookie) = &session.cookie else { return session };
        self.send(&service, path, Method::GET, (header::COOKIE, cookie), String::new()).await
    }

    /// Waits until a CouchDB node's cluster has these nodes, all of them connected.
    pub(crate) async fn members(&self, node: &str, wanted: &[String]) {
        eventually(&format!("membership {wanted:?} of {node}"), async || {
            let answer = self.ask_couchdb(node, "/_membership").await;
            let wanted = json!({"all_nodes": wanted, "cluster_nodes": wanted});
            (answer.status == StatusCode::OK && answer.json() == wanted).then_some(()).ok_or(format!("{answer:?}"))
        })
        .await;
    }

    /// The name of a node of CouchDB's cluster.
    pub(crate) fn member(&self, number: usize) -> String {
        format!("couchdb@couchdb-{number}.{}.svc.cluster.local", self.namespace)
    }

    /// What the credentials hold.
    pub(crate) async fn credential(&self, key: &str) -> String {
        let secrets = Api::<Secret>::namespaced(self.client.clone(), &self.namespace);
        let secret = secrets.get("cht-couchdb-credentials").await.expect("credentials");
        let value = secret.data.unwrap_or_default().remove(key).unwrap_or_else(|| panic!("no {key}"));
        String::from_utf8(value.0).expect("text")
    }

    async fn send(
        &self,
        service: &str,
        path: &str,
        method: Method,
        header: (header::HeaderName, &str),
        body: String,
    ) -> Answer {
        let uri = format!("/api/v1/namespaces/{}/services/{service}/proxy{path}", self.namespace);
        let request = hyper::Request::builder()
            .method(method)
            .uri(uri)
            .header(header.0, header.1)
            .body(Body::from(body.into_bytes()));
        let answer = self.client.send(request.expect("a request")).await.expect("the API server answers");
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let status = answer.status();
        let body = answer.into_body().collect_bytes().await.expect("a whole answer");
        Answer { status, body: String::from_utf8_lossy(&body).into_owned(), cookie }
    }
}
