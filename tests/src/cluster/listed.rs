//! What a cluster holds of a kind.

use cht_k8s::{Cluster, ClusterError, LiveObject};
use cht_manifests::Kind;

/// The objects of a kind in a namespace, or those of the cluster for kinds that have none. Of an optional kind that the
/// server does not serve there are none.
///
/// # Panics
///
/// When the API server does not answer.
pub async fn listed(cluster: &dyn Cluster, kind: Kind, namespace: &str) -> Vec<LiveObject> {
    match cluster.list(kind, Some(namespace)).await {
        Err(ClusterError::NotServed { kind }) if kind.is_optional() => Vec::new(),
        listing => listing.expect("a list").items,
    }
}
