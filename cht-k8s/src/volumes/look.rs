//! Looks for where the data is.

use cht_manifests::Kind;
use cht_model::Instance;
use futures::try_join;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use serde::Serialize;

use super::claimed::{ClaimedVolume, claimed};
use super::left::{LeftVolume, left};
use crate::listed::{listed, permitted};
use crate::plan::host_path_of;
use crate::{Cluster, ComponentName, LookError};

/// Where the data of a namespace is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Volumes {
    /// Every claim, by name.
    pub claims: Vec<ClaimedVolume>,
    /// Folders of nodes that pods use without a claim.
    pub folders: Vec<NodeFolder>,
    /// Volumes that no claim has, by name.
    pub left: Vec<LeftVolume>,
    /// What is not known, and why.
    pub notes: Vec<String>,
}

/// A folder of a node in which CouchDB keeps its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeFolder {
    /// Whose it is.
    pub component: ComponentName,
    /// The folder.
    pub path: String,
    /// The node; none where the scheduler chooses it.
    pub node: Option<String>,
}

/// Looks for where the data of a namespace is, whoever deployed what is there. The values of the instance tell which free
/// volumes are its own by their labels.
///
/// # Errors
///
/// [`LookError`] when the cluster does not answer or refuses. Whoever may not see volumes is told of claims alone.
pub async fn volumes(
    cluster: &dyn Cluster,
    namespace: &str,
    instance: Option<&Instance>,
) -> Result<Volumes, LookError> {
    let (claims, pods, deployments, volumes) = try_join!(
        listed::<PersistentVolumeClaim>(cluster, Kind::PersistentVolumeClaim, Some(namespace)),
        listed::<Pod>(cluster, Kind::Pod, Some(namespace)),
        listed::<Deployment>(cluster, Kind::Deployment, Some(namespace)),
        permitted::<PersistentVolume>(cluster, Kind::PersistentVolume, None),
    )?;
    let notes = volumes.is_none().then(|| {
        "this user may not see volumes (PersistentVolume): where the data is, and what was left, is not known"
            .to_owned()
    });
    let volumes = volumes.unwrap_or_default();
    let has_claim = |name: &str, uid: &str| {
        let is_it = |claim: &PersistentVolumeClaim| {
            claim.metadata.name.as_deref() == Some(name) && claim.metadata.uid.as_deref() == Some(uid)
        };
        claims.iter().any(is_it)
    };
    let project = instance.map(|instance| instance.project().as_str());
    let mut left: Vec<_> = volumes.iter().filter_map(|volume| left(volume, (namespace, project), has_claim)).collect();
    left.sort_by(|one, other| one.volume.cmp(&other.volume));
    let pods: Vec<_> = pods.iter().collect();
    let mut claims: Vec<_> = claims.iter().map(|claim| claimed(claim, &volumes, &pods)).collect();
    claims.sort_by(|one, other| one.claim.cmp(&other.claim));
    let mut folders: Vec<_> = deployments.iter().filter_map(folder).collect();
    folders.sort_by(|one, other| one.component.cmp(&other.component));
    Ok(Volumes { claims, folders, left, notes: notes.into_iter().collect() })
}

fn folder(deployment: &Deployment) -> Option<NodeFolder> {
    let component = ComponentName::of_deployment(deployment)?;
    let (path, node) = host_path_of(deployment.spec.as_ref()?.template.spec.as_ref()?)?;
    Some(NodeFolder { component, path, node })
}
