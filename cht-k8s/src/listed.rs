//! What a namespace has of a kind, decoded.

use cht_manifests::Kind;
use serde::de::DeserializeOwned;

use crate::retry::reaching;
use crate::{Cluster, ClusterError, LiveObject};

/// The objects that have their kind's shape.
pub(crate) fn decoded<T: DeserializeOwned>(objects: &[LiveObject]) -> Vec<T> {
    objects.iter().filter_map(|object| object.decode().ok()).collect()
}

/// All objects of a kind, in a namespace or in the cluster.
///
/// # Errors
///
/// When the cluster does not answer or refuses.
pub(crate) async fn listed<T: DeserializeOwned>(
    cluster: &dyn Cluster,
    kind: Kind,
    namespace: Option<&str>,
) -> Result<Vec<T>, ClusterError> {
    let listing = reaching(&*cluster.clock(), || cluster.list(kind, namespace)).await?;
    Ok(decoded(&listing.items))
}

/// The same of what not everyone may see: nothing for whoever may not.
///
/// # Errors
///
/// When the cluster does not answer, or refuses for another reason.
pub(crate) async fn permitted<T: DeserializeOwned>(
    cluster: &dyn Cluster,
    kind: Kind,
    namespace: Option<&str>,
) -> Result<Option<Vec<T>>, ClusterError> {
    match listed(cluster, kind, namespace).await {
        Err(ClusterError::Forbidden { .. }) => Ok(None),
        answer => answer.map(Some),
    }
}
