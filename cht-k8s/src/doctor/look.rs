//! What is there: the cluster's nodes, classes and ingresses, each with why it could not be seen where it could not.

use cht_manifests::{Kind, ObjectKey};
use futures::join;
use k8s_openapi::api::core::v1::{Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::storage::v1::StorageClass;
use serde::de::DeserializeOwned;

use crate::retry::reaching;
use crate::{Cluster, ClusterError, LiveObject};

/// What was asked for, or why it was not answered.
pub(super) type Answer<T> = Result<T, ClusterError>;

/// What is there.
pub(super) struct Seen {
    pub(super) namespace: Answer<Option<Namespace>>,
    pub(super) nodes: Answer<Vec<Node>>,
    /// Of every namespace.
    pub(super) pods: Answer<Vec<Pod>>,
    pub(super) classes: Answer<Vec<StorageClass>>,
    pub(super) volumes: Answer<Vec<PersistentVolume>>,
    /// Of the instance's namespace.
    pub(super) claims: Answer<Vec<PersistentVolumeClaim>>,
    /// Of every namespace.
    pub(super) ingresses: Answer<Vec<LiveObject>>,
    pub(super) ingress_classes: Answer<Vec<IngressClass>>,
    /// Of every namespace.
    pub(super) services: Answer<Vec<Service>>,
}

impl Seen {
    /// Looks at everything, all at once.
    pub(super) async fn look(cluster: &dyn Cluster, namespace: &str) -> Self {
        let namespace_key = ObjectKey::new(Kind::Namespace, "", namespace);
        let (namespace, nodes, pods, classes, volumes, claims, ingresses, ingress_classes, services) = join!(
            one(cluster, &namespace_key),
            all(cluster, Kind::Node, None),
            all(cluster, Kind::Pod, None),
            all(cluster, Kind::StorageClass, None),
            all(cluster, Kind::PersistentVolume, None),
            all(cluster, Kind::PersistentVolumeClaim, Some(namespace)),
            live(cluster, Kind::Ingress, None),
            all(cluster, Kind::IngressClass, None),
            all(cluster, Kind::Service, None),
        );
        Self { namespace, nodes, pods, classes, volumes, claims, ingresses, ingress_classes, services }
    }

    /// Whether the namespace is there; where it cannot be seen, it is taken to be.
    pub(super) fn has_namespace(&self) -> bool {
        !matches!(self.namespace, Ok(None))
    }
}

async fn live(cluster: &dyn Cluster, kind: Kind, namespace: Option<&str>) -> Answer<Vec<LiveObject>> {
    Ok(reaching(&*cluster.clock(), || cluster.list(kind, namespace)).await?.items)
}

/// All objects of a kind. One that cannot be understood is an error: nothing may be concluded from the others alone.
pub(super) async fn all<T: DeserializeOwned>(
    cluster: &dyn Cluster,
    kind: Kind,
    namespace: Option<&str>,
) -> Answer<Vec<T>> {
    live(cluster, kind, namespace).await?.iter().map(decoded).collect()
}

/// One object.
pub(super) async fn one<T: DeserializeOwned>(cluster: &dyn Cluster, key: &ObjectKey) -> Answer<Option<T>> {
    let found = reaching(&*cluster.clock(), || cluster.get(key)).await?;
    found.as_ref().map(decoded).transpose()
}

fn decoded<T: DeserializeOwned>(live: &LiveObject) -> Answer<T> {
    live.decode().map_err(|error| ClusterError::Malformed { reason: format!("{}: {error}", live.key()) })
}
