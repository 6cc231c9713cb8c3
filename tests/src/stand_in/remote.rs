//! How a test talks to stand-ins: through the API server, which reaches every pod.

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt as _};
use serde_json::Value;

use super::control::PATH;
use super::role::Role;

/// The stand-ins of an instance.
#[derive(Clone)]
pub struct Remote {
    client: Client,
    namespace: String,
}

/// Why a stand-in was not reached.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// There is not one pod that runs it.
    #[error("{service} has {found} pods that run and are to stay; a stand-in is told when there is one")]
    Pods {
        /// The value of the pods' label `cht.service`.
        service: String,
        /// How many there are.
        found: usize,
    },
    /// The API server or the stand-in refused.
    #[error("the stand-in of {service} could not be asked")]
    Request {
        /// The value of the pods' label `cht.service`.
        service: String,
        /// The answer.
        source: Box<kube::Error>,
    },
}

impl Remote {
    /// The stand-ins of the instance in a namespace.
    pub fn new(client: Client, namespace: impl Into<String>) -> Self {
        Self { client, namespace: namespace.into() }
    }

    /// Changes a setting of the stand-in that plays `role` in the pod of `service`, the value of its label
    /// `cht.service`, e.g. `couchdb-1`.
    ///
    /// # Errors
    /// When it does not run, or refuses.
    pub async fn set(&self, service: &str, role: Role, setting: &str, value: &str) -> Result<(), RemoteError> {
        self.ask(service, role, "PUT", &format!("/{setting}"), value).await.map(drop)
    }

    /// What tells the volume of a CouchDB node, e.g. `couchdb-1`, from every other volume.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn born(&self, service: &str) -> Result<Option<String>, RemoteError> {
        let about = self.ask(service, Role::CouchDb, "GET", "", "").await?;
        let about = serde_json::from_str::<Value>(&about).unwrap_or_default();
        Ok(about["born"].as_str().map(str::to_owned))
    }

    /// Whether a CouchDB node, e.g. `couchdb-1`, was given the time to close its files when it last ended.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn was_closed(&self, service: &str) -> Result<bool, RemoteError> {
        let about = self.ask(service, Role::CouchDb, "GET", "", "").await?;
        Ok(serde_json::from_str::<Value>(&about).unwrap_or_default()["closed"] == true)
    }

    async fn ask(
        &self,
        service: &str,
        role: Role,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<String, RemoteError> {
        let failed = |source| RemoteError::Request { service: service.to_owned(), source: Box::new(source) };
        let pods = Api::<Pod>::namespaced(self.client.clone(), &self.namespace);
        let of_service = ListParams::default().labels(&format!("cht.service={service}"));
        let mut pods = pods.list(&of_service).await.map_err(failed)?.items;
        pods.retain(runs);
        let [pod] = &pods[..] else {
            return Err(RemoteError::Pods { service: service.to_owned(), found: pods.len() });
        };
        let (namespace, pod, port) = (&self.namespace, pod.name_any(), role.control_port());
        let uri = format!("/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{PATH}{path}");
        let request = http_request(method, &uri, body).map_err(|error| failed(kube::Error::HttpError(error)))?;
        self.client.request_text(request).await.map_err(failed)
    }
}

fn runs(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    phase == Some("Running") && pod.metadata.deletion_timestamp.is_none()
}

fn http_request(method: &str, uri: &str, body: &str) -> Result<hyper::Request<Vec<u8>>, hyper::http::Error> {
    hyper::Request::builder().method(method).uri(uri).body(body.as_bytes().to_vec())
}
