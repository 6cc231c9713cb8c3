//! Where a CouchDB node looks for its data, as its pod tells it.

use std::fmt;

use k8s_openapi::api::core::v1::PodSpec;

/// Where CouchDB's image keeps its data.
const DATA_MOUNT: &str = "/opt/couchdb/data";

/// Where a CouchDB node looks for its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataPlace {
    /// The path on the volume.
    pub(super) path: String,
    /// The claim of the volume, where it has one.
    pub(super) claim: Option<String>,
    /// For a volume without a claim, the folder and the node that it is on.
    pub(super) folder: Option<(String, Option<String>)>,
}

impl DataPlace {
    /// What a pod says; nothing for one that is not CouchDB's.
    pub(super) fn of(pod: &PodSpec) -> Option<Self> {
        let containers = pod.containers.iter();
        let mut mounts = containers.flat_map(|container| container.volume_mounts.iter().flatten());
        let mount = mounts.find(|mount| mount.mount_path == DATA_MOUNT)?;
        let volume = pod.volumes.iter().flatten().find(|volume| volume.name == mount.name)?;
        let node = pod.node_selector.as_ref().and_then(|labels| labels.get("kubernetes.io/hostname")).cloned();
        Some(Self {
            path: mount.sub_path.clone().unwrap_or_default(),
            claim: volume.persistent_volume_claim.as_ref().map(|claim| claim.claim_name.clone()),
            folder: volume.host_path.as_ref().map(|folder| (folder.path.clone(), node)),
        })
    }

    /// Whether the same data is found there. A claim may be renamed; what it is bound to is looked at elsewhere.
    pub(super) fn finds_what_is_in(&self, other: &Self) -> bool {
        (&self.path, &self.folder) == (&other.path, &other.folder)
    }
}

impl fmt::Display for DataPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.folder {
            Some((folder, None)) => write!(f, "{folder} (path {:?} in it)", self.path),
            Some((folder, Some(node))) => write!(f, "{folder} of node {node} (path {:?} in it)", self.path),
            None => write!(f, "{:?} on its volume", self.path),
        }
    }
}

/// The folder of a node that a CouchDB pod keeps its data in, and the node, for one that has no claim.
pub(crate) fn host_path_of(pod: &PodSpec) -> Option<(String, Option<String>)> {
    DataPlace::of(pod)?.folder
}
