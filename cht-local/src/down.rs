//! Stops or removes a cluster that this project has made.

use crate::{ClusterName, LocalCluster, LocalError, Maker, Owner, State};

/// A cluster of this project's, to be stopped or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    name: ClusterName,
    cluster: LocalCluster,
}

impl Target {
    /// What is known of it.
    pub fn cluster(&self) -> &LocalCluster {
        &self.cluster
    }
}

/// The cluster of that name, provided that this project has made it; nothing where there is none.
///
/// # Errors
///
/// When it is someone else's, or the maker fails.
pub async fn find_ours(maker: &dyn Maker, name: &ClusterName) -> Result<Option<Target>, LocalError> {
    match maker.find(name).await? {
        None => Ok(None),
        Some(LocalCluster { owner: Owner::Other, .. }) => Err(LocalError::NameTaken { name: name.clone() }),
        Some(cluster) => Ok(Some(Target { name: name.clone(), cluster })),
    }
}

/// Stops a cluster, and keeps its data. Answers whether it ran.
///
/// # Errors
///
/// When the maker fails.
pub async fn stop(maker: &dyn Maker, target: &Target) -> Result<bool, LocalError> {
    if target.cluster.state == State::Stopped {
        return Ok(false);
    }
    maker.stop(&target.name).await?;
    Ok(true)
}

/// Removes a cluster with all its data.
///
/// # Errors
///
/// When the maker fails.
pub async fn remove(maker: &dyn Maker, target: &Target) -> Result<(), LocalError> {
    maker.remove(&target.name).await
}
