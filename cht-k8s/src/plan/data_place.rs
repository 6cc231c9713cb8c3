//! Where a CouchDB node looks for its data, as its pod tells it.

use std::fmt;

use cht_manifests::{Manifests, Object};
use k8s_openapi::api::core::v1::{PersistentVolumeSpec, PodSpec};

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

    /// The same, with the folder that its claim leads to, where these objects bind the claim to a volume over one.
    pub(super) fn behind_claim(mut self, manifests: &Manifests) -> Self {
        self.folder = self.folder.or_else(|| folder_behind(manifests, self.claim.as_deref()?));
        self
    }

    /// The same, on that node, where its folder is not known to be on any.
    pub(super) fn on_node(mut self, name: Option<String>) -> Self {
        if let Some((_, node @ None)) = &mut self.folder {
            *node = name;
        }
        self
    }

    /// Whether it is a folder that only one node is asked for.
    pub(super) fn is_on_one_node(&self) -> bool {
        matches!(self.folder, Some((_, Some(_))))
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

/// The folder of a node that a claim is bound to by name, and the node, where the volume is on one.
fn folder_behind(manifests: &Manifests, claim: &str) -> Option<(String, Option<String>)> {
    let objects = || manifests.iter().map(|manifest| &manifest.object);
    let volume = objects().find_map(|object| match object {
        Object::PersistentVolumeClaim(found) if object.name() == claim => found.spec.as_ref()?.volume_name.clone(),
        _ => None,
    })?;
    let spec = objects().find_map(|object| match object {
        Object::PersistentVolume(found) if object.name() == volume => found.spec.as_ref(),
        _ => None,
    })?;
    let local = spec.local.as_ref().map(|local| &local.path);
    let path = local.or_else(|| spec.host_path.as_ref().map(|folder| &folder.path))?;
    Some((path.clone(), node_of(spec)))
}

/// The folder of a node that a CouchDB pod keeps its data in, and the node, for one that has no claim.
pub(crate) fn host_path_of(pod: &PodSpec) -> Option<(String, Option<String>)> {
    DataPlace::of(pod)?.folder
}

/// The node that the volume is on, where it is on one.
pub(crate) fn node_of(spec: &PersistentVolumeSpec) -> Option<String> {
    let terms = &spec.node_affinity.as_ref()?.required.as_ref()?.node_selector_terms;
    let requirements = terms.iter().flat_map(|term| term.match_expressions.iter().flatten());
    let mut hosts = requirements.filter(|requirement| requirement.key == "kubernetes.io/hostname");
    hosts.next()?.values.as_ref()?.first().cloned()
}
