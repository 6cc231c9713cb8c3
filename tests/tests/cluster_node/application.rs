//! Asking an instance's applications, as the program itself does: through the API server's service proxy.

use cht_k8s::{Cluster as _, ServiceAnswer, ServiceRequest, ServiceResponse};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use serde_json::{Value, json};

use crate::site::{Site, eventually};

const COUCHDB_PORT: u16 = 5984;
const API_PORT: u16 = 5988;

/// An application's status and what it says.
pub(crate) type Said = (u16, String);

impl Site {
    /// What the API answers to a client that accepts this; else why it does not.
    pub(crate) async fn ask_api(&self, path: &str, accept: &str) -> Result<Said, String> {
        let request = ServiceRequest::get(&self.namespace, "api", API_PORT, path);
        self.call(&ServiceRequest { accept: accept.to_owned(), ..request }).await.map(|answer| said(&answer))
    }

    /// What a CouchDB node, e.g. `couchdb-2`, answers to its administrator; else why it does not. He shows his password
    /// once, and then a cookie: the API server keeps the header `Authorization` to itself.
    pub(crate) async fn ask_couchdb(&self, node: &str, path: &str) -> Result<Said, String> {
        let [name, password] = [self.credential("COUCHDB_USER").await?, self.credential("COUCHDB_PASSWORD").await?];
        let credentials = json!({"name": name, "password": password}).to_string();
        let log_in = ServiceRequest::post(&self.namespace, node, COUCHDB_PORT, "/_session", credentials.into());
        let session = self.call(&log_in).await?;
        let Some(cookie) = session.cookie.clone() else { return Ok(said(&session)) };
        let request = ServiceRequest::get(&self.namespace, node, COUCHDB_PORT, path).with_cookie(cookie);
        self.call(&request).await.map(|answer| said(&answer))
    }

    /// Waits until the API is ready, as this version.
    pub(crate) async fn api_is_ready(&self, version: &str) {
        let wanted = (200, json!({"version": version}).to_string());
        eventually("the API", async || exactly(&wanted, self.ask_api("/api/info", "application/json").await)).await;
    }

    /// Waits until a CouchDB node has a database.
    pub(crate) async fn has_database(&self, node: &str, name: &str) {
        let wanted = (200, json!({"db_name": name}).to_string());
        let path = format!("/{name}");
        eventually(&path, async || exactly(&wanted, self.ask_couchdb(node, &path).await)).await;
    }

    /// Waits until a CouchDB node knows a cluster of this many nodes, all of them connected.
    pub(crate) async fn has_members(&self, node: &str, count: usize) {
        let name = |number| format!("couchdb@couchdb-{number}.{}.svc.cluster.local", self.namespace);
        let names: Vec<_> = (1..=count).map(name).collect();
        let wanted = json!({"all_nodes": names, "cluster_nodes": names});
        eventually("membership", async || {
            let (status, body) = self.ask_couchdb(node, "/_membership").await?;
            let known: Value = serde_json::from_str(&body).unwrap_or_default();
            (known == wanted).then_some(()).ok_or(format!("{status} {body}"))
        })
        .await;
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceResponse, String> {
        match self.kube.call(request).await {
            Ok(ServiceAnswer::Answered(response)) => Ok(response),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What the credentials hold, once there are any.
    async fn credential(&self, key: &str) -> Result<String, String> {
        let secrets = Api::<Secret>::namespaced(self.client.clone(), &self.namespace);
        let secret = secrets.get("cht-couchdb-credentials").await.map_err(|error| error.to_string())?;
        let value = secret.data.unwrap_or_default().remove(key).ok_or(format!("no {key}"))?;
        String::from_utf8(value.0).map_err(|error| error.to_string())
    }
}

fn said(response: &ServiceResponse) -> Said {
    (response.status, String::from_utf8_lossy(&response.body).into_owned())
}

fn exactly(wanted: &Said, said: Result<Said, String>) -> Result<(), String> {
    let said = said?;
    if said == *wanted { Ok(()) } else { Err(format!("{said:?}")) }
}
