//! Connecting to the cluster that the environment names.

use std::path::{Path, PathBuf};

use cht_k8s::KubeCluster;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// Names the kubeconfig file of the cluster to test on.
pub const KUBECONFIG_VARIABLE: &str = "CHT_TEST_KUBECONFIG";

/// Names the real node of that cluster, for tests that need one.
pub const NODE_VARIABLE: &str = "CHT_TEST_NODE";

/// A cluster whose API server tests may write to.
#[derive(Clone)]
pub struct TestCluster {
    kubeconfig: PathBuf,
    config: Config,
    client: Client,
}

impl TestCluster {
    /// Connects to the current context of the kubeconfig that `CHT_TEST_KUBECONFIG` names.
    ///
    /// # Panics
    /// When the variable is not set, or the kubeconfig cannot be used.
    pub async fn connect() -> Self {
        let Some(kubeconfig) = std::env::var_os(KUBECONFIG_VARIABLE).map(PathBuf::from) else {
            panic!(
                "{KUBECONFIG_VARIABLE} is not set: run the cluster tests through `tests/run`, which starts a cluster"
            )
        };
        let unusable = |problem: &dyn std::fmt::Display| -> ! {
            panic!("{KUBECONFIG_VARIABLE} names {}, which cannot be used: {problem}", kubeconfig.display())
        };
        let document = Kubeconfig::read_from(&kubeconfig).unwrap_or_else(|error| unusable(&error));
        let config = Config::from_custom_kubeconfig(document, &KubeConfigOptions::default())
            .await
            .unwrap_or_else(|error| unusable(&error));
        let client = Client::try_from(config.clone()).unwrap_or_else(|error| unusable(&error));
        Self { kubeconfig, config, client }
    }

    /// The name of its real node.
    ///
    /// # Panics
    /// When the environment names none.
    pub fn node(&self) -> String {
        std::env::var(NODE_VARIABLE).unwrap_or_else(|_| {
            panic!("{NODE_VARIABLE} is not set: run these tests through `tests/control-plane/with --node`")
        })
    }

    /// A client of its API server. It works as long as the runtime that [`TestCluster::connect`] ran on.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The cluster as the program connects to it: what is refused is not asked again unseen.
    ///
    /// # Panics
    /// When no client can be made.
    pub fn kube(&self) -> KubeCluster {
        let mut config = self.config.clone();
        config.default_retry = false;
        KubeCluster::new(Client::try_from(config).expect("a client was made of it before"), "the test cluster")
    }

    /// What a client on another runtime is made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The kubeconfig's path, for programs under test.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}
