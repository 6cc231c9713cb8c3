//! What a CouchDB node keeps its data on.

use std::fmt;
use std::str::FromStr;

use crate::names::InvalidName;
use crate::{NodeName, Quantity, StorageClassName};

/// An absolute path on a Kubernetes node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskPath(String);

impl DiskPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DiskPath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        // A volume over the whole machine is never what was meant, and kubelets refuse `..`.
        let absolute = text.starts_with('/') && !text.trim_matches('/').is_empty();
        if absolute && !text.contains('\0') && text.split('/').all(|part| part != "..") {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName { what: "path", text: text.to_owned(), rule: "absolute, below '/', without '..'" })
        }
    }
}

impl fmt::Display for DiskPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a CouchDB node keeps its data on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Volume {
    /// A folder of whichever Kubernetes node the pod runs on, mounted without a claim (4.x, k3s, single node).
    HostPath {
        /// The folder.
        path: DiskPath,
        /// Whether it is made when it is missing. Not where it should hold data: an empty one would hide that it does not.
        create: bool,
    },
    /// A claim that the platform provisions a volume for.
    Provisioned {
        /// The claim's size.
        size: Quantity,
        /// The claim's class.
        class: StorageClassName,
    },
    /// A claim bound to a volume over a disk that is named in the values.
    Existing(ExistingVolume),
}

/// A persistent volume over a disk that is named in the values, with the claim that binds to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingVolume {
    /// The disk.
    pub disk: Disk,
    /// The volume's capacity.
    pub capacity: Quantity,
    /// The claim's size.
    pub size: Quantity,
    /// The class that volume and claim share; none for "no class".
    pub class: Option<StorageClassName>,
    /// Whether the folder is made on the node before the volume is used (a directory Job).
    pub create_directory: bool,
}

/// A disk that a persistent volume is made over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disk {
    /// A folder on one Kubernetes node, pinned to it (4.x, k3s cluster).
    Local {
        /// The folder.
        path: DiskPath,
        /// The node that has it.
        node: NodeName,
    },
    /// A folder on a Kubernetes node (5.x, k3s).
    HostPath {
        /// The folder, made when missing.
        path: DiskPath,
        /// The node that has it, where the values name one.
        node: Option<NodeName>,
    },
    /// A virtual disk of vSphere (4.x, k3s cluster with `k3s_use_vSphere_storage_class`).
    VSphere {
        /// `[datastore] folder/disk`.
        volume_path: String,
        /// The node that mounts it.
        node: NodeName,
    },
    /// A volume of Amazon's Elastic Block Store.
    Ebs {
        /// `vol-…`.
        volume_id: String,
        /// The partition, `0` for the whole volume.
        partition: String,
    },
    /// A persistent disk of Google Compute Engine.
    GcePersistentDisk {
        /// The disk's name.
        name: String,
        /// The partition, 0 for the whole disk.
        partition: i32,
    },
}
