//! What makes local clusters, and what is known of each.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use crate::{ClusterName, LocalError, Ports};

/// A program that makes clusters on this machine.
#[async_trait]
pub trait Maker: Send + Sync {
    /// The cluster of that name.
    ///
    /// # Errors
    ///
    /// When the program, or what it needs, is not there or does not work.
    async fn find(&self, name: &ClusterName) -> Result<Option<LocalCluster>, LocalError>;

    /// Makes a cluster, and marks it as made by this project.
    ///
    /// # Errors
    ///
    /// [`LocalError::PortsTaken`] when a port is taken after all, [`LocalError::IsThere`] when there is one of that name
    /// meanwhile, and whatever hinders it. Then there is no cluster, or one that is [`State::Unfinished`].
    async fn create(
        &self,
        name: &ClusterName,
        owner: Owner,
        address: IpAddr,
        ports: Ports,
        timeout: Duration,
    ) -> Result<(), LocalError>;

    /// Starts a cluster that is stopped.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    async fn start(&self, name: &ClusterName, timeout: Duration) -> Result<(), LocalError>;

    /// Stops a cluster, and keeps its data.
    ///
    /// # Errors
    ///
    /// When it cannot be stopped.
    async fn stop(&self, name: &ClusterName) -> Result<(), LocalError>;

    /// Removes a cluster with all its data.
    ///
    /// # Errors
    ///
    /// When it cannot be removed as a whole.
    async fn remove(&self, name: &ClusterName) -> Result<(), LocalError>;

    /// Puts the cluster into the user's kubeconfig, whose current context stays what it is. Answers with the context.
    ///
    /// # Errors
    ///
    /// When the kubeconfig cannot be written.
    async fn add_context(&self, name: &ClusterName) -> Result<String, LocalError>;

    /// The context of a cluster.
    fn context(&self, name: &ClusterName) -> String;
}

/// What is known of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalCluster {
    /// Whose it is.
    pub owner: Owner,
    /// How it is.
    pub state: State,
    /// Where it is reached; none where it was made without.
    pub ports: Option<Ports>,
}

/// Whose a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This project has made it, for its own development instance.
    Development,
    /// This project has made it, for an instance of someone's values.
    Values,
    /// Someone else has made it.
    Other,
}

/// How a cluster is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// It ran, and can be started again.
    Stopped,
    /// Making it was interrupted, and it has never run as a whole: nothing can have been kept in it.
    Unfinished,
    /// It cannot be used as it is, and may hold data.
    Broken(String),
}
