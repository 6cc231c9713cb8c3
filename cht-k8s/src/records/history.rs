//! Reads what is remembered of an instance.

use cht_model::{Instance, NamespaceName, ProjectName};

use super::inventory::{Inventory, inventory_key};
use super::revision::{Revision, revision_key};
use super::summary::RevisionSummary;
use crate::retry::reaching;
use crate::{Cluster, ClusterError};

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The cluster did not answer, or refused.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The instance has no such revision, or not any more.
    #[error("{project} has no revision {number}: `cht history` lists those that are kept")]
    NoRevision {
        /// The instance.
        project: String,
        /// The revision that was asked for.
        number: u32,
    },
    /// The record is there and cannot be used.
    #[error("ConfigMap/{name} is no record of a revision: {reason}")]
    Damaged {
        /// The record's name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Every revision of an instance that is kept, oldest first; none for an instance that was never deployed.
///
/// # Errors
///
/// When the cluster does not answer or refuses, or the inventory is damaged.
pub async fn history(cluster: &dyn Cluster, instance: &Instance) -> Result<Vec<RevisionSummary>, RecordError> {
    Ok(inventory(cluster, instance.namespace(), instance.project()).await?.revisions)
}

/// What an instance owns, and what was done to it.
pub(crate) async fn inventory(
    cluster: &dyn Cluster,
    namespace: &NamespaceName,
    project: &ProjectName,
) -> Result<Inventory, RecordError> {
    let key = inventory_key(namespace.as_str(), project.as_str());
    let live = reaching(&*cluster.clock(), || cluster.get(&key)).await?;
    Ok(live.as_ref().map(Inventory::read).transpose()?.unwrap_or_default())
}

/// One revision of an instance, whole.
///
/// # Errors
///
/// When there is no such revision, its record is damaged, or the cluster does not answer or refuses.
pub async fn revision(cluster: &dyn Cluster, instance: &Instance, number: u32) -> Result<Revision, RecordError> {
    recorded(cluster, instance.namespace(), instance.project(), number).await
}

/// One revision of an instance, by its names.
pub(crate) async fn recorded(
    cluster: &dyn Cluster,
    namespace: &NamespaceName,
    project: &ProjectName,
    number: u32,
) -> Result<Revision, RecordError> {
    let key = revision_key(namespace.as_str(), project.as_str(), number);
    let live = reaching(&*cluster.clock(), || cluster.get(&key)).await?;
    let live = live.ok_or_else(|| RecordError::NoRevision { project: project.to_string(), number })?;
    Revision::read(&live).map_err(|reason| RecordError::Damaged { name: key.name, reason })
}
