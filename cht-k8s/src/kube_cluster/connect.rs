//! Finds the cluster: a kubeconfig file, its contexts, or the service account of the pod that this runs in.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::ByteString;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use serde::Deserialize;
use serde::de::IntoDeserializer;

use crate::doctor::ClientFacts;

/// How long to wait for a connection: slow links need seconds, nothing needs more.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Which cluster to use.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// The kubeconfig file; none means `KUBECONFIG`, `~/.kube/config` or the pod's service account, in this order.
    pub kubeconfig: Option<PathBuf>,
    /// The context; none means the file's current one.
    pub context: Option<String>,
}

/// Why no cluster could be found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The kubeconfig file cannot be used.
    #[error("the kubeconfig {} cannot be used", .path.as_ref().map_or_else(|| "of this user".to_owned(), |path| path.display().to_string()))]
    Kubeconfig {
        /// The file, where one was named.
        path: Option<PathBuf>,
        /// Why.
        #[source]
        source: KubeconfigError,
    },
    /// There is neither a kubeconfig nor a service account.
    #[error("no cluster: there is no kubeconfig (KUBECONFIG, ~/.kube/config) and this does not run in a pod")]
    NotFound,
    /// The configuration is there, and no client can be made of it.
    #[error("the cluster's configuration cannot be used: {reason}")]
    Client {
        /// Why.
        reason: String,
    },
}

impl ConnectOptions {
    /// A client for the chosen cluster, with its address. Makes no request.
    pub(super) async fn client(&self) -> Result<(Client, String), ConnectError> {
        let mut config = self.config().await?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        // Requests are retried where they are made: there each is counted, and those that must not be repeated are known.
        config.default_retry = false;
        let server = config.cluster_url.to_string();
        let client = Client::try_from(config).map_err(|error| ConnectError::Client { reason: error.to_string() })?;
        Ok((client, server))
    }

    /// What this machine has to reach the cluster with, as far as it can be read. Makes no request.
    pub async fn facts(&self) -> ClientFacts {
        let kubeconfig = match &self.kubeconfig {
            Some(path) => Kubeconfig::read_from(path).ok(),
            None => Kubeconfig::read().ok(),
        };
        let contexts = kubeconfig.into_iter().flat_map(|file| file.contexts).map(|context| context.name).collect();
        let user = self.config().await.ok().map(|config| config.auth_info);
        ClientFacts { contexts, certificate: user.as_ref().and_then(certificate), proxies: proxies() }
    }

    async fn config(&self) -> Result<Config, ConnectError> {
        let unusable = |source| ConnectError::Kubeconfig { path: self.kubeconfig.clone(), source };
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        if let Some(path) = &self.kubeconfig {
            let kubeconfig = Kubeconfig::read_from(path).map_err(unusable)?;
            return Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(unusable);
        }
        match Config::from_kubeconfig(&options).await {
            Ok(config) => Ok(config),
            // A context that was asked for must come from a file: the pod's account is no substitute for it.
            Err(error) if self.context.is_some() || !is_absent(&error) => Err(unusable(error)),
            Err(_) => Config::incluster().map_err(|_| ConnectError::NotFound),
        }
    }
}

/// The user's certificate, where the configuration has one.
fn certificate(user: &AuthInfo) -> Option<Vec<u8>> {
    match (&user.client_certificate_data, &user.client_certificate) {
        // As in Secrets, it is written in base64.
        (Some(data), _) => ByteString::deserialize(data.as_str().into_deserializer())
            .map(|bytes| bytes.0)
            .map_err(|_: serde::de::value::Error| ())
            .ok(),
        (None, Some(path)) => std::fs::read(path).ok(),
        (None, None) => None,
    }
}

/// The variables that name a proxy and are set.
fn proxies() -> Vec<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    names.into_iter().filter(is_set).map(ToOwned::to_owned).collect()
}

fn is_absent(error: &KubeconfigError) -> bool {
    match error {
        KubeconfigError::FindPath => true,
        KubeconfigError::ReadConfig(error, _) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}
