//! What a CouchDB node keeps its data on: the volume, the claim and the pod's part in them.

use std::collections::BTreeMap;

use cht_model::{Disk, ExistingVolume, NodeName, Quantity as Size, Volume as Storage};
use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, GCEPersistentDiskVolumeSource, HostPathVolumeSource, LocalVolumeSource, NodeSelector,
    NodeSelectorRequirement, NodeSelectorTerm, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    PersistentVolumeClaimVolumeSource, PersistentVolumeSpec, Volume, VolumeNodeAffinity, VolumeResourceRequirements,
    VsphereVirtualDiskVolumeSource,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::labels;
use crate::member::Member;

/// The label by which Kubernetes names nodes.
pub(crate) const HOSTNAME: &str = "kubernetes.io/hostname";
const ACCESS_MODE: &str = "ReadWriteOnce";
const FILE_SYSTEM: &str = "ext4";

/// The volume over a disk that the values name. It outlives its claim: nothing but a person deletes data.
pub(crate) fn persistent_volume(member: &Member) -> Option<PersistentVolume> {
    let volume = existing(member)?;
    let spec = PersistentVolumeSpec {
        capacity: Some(storage(&volume.capacity)),
        access_modes: Some(vec![ACCESS_MODE.to_owned()]),
        persistent_volume_reclaim_policy: Some("Retain".to_owned()),
        volume_mode: Some("Filesystem".to_owned()),
        storage_class_name: volume.class.as_ref().map(ToString::to_string),
        node_affinity: node_of(&volume.disk).map(affinity),
        ..over(&volume.disk)
    };
    Some(PersistentVolume {
        metadata: ObjectMeta { name: Some(member.persistent_volume()), ..Default::default() },
        spec: Some(spec),
        ..Default::default()
    })
}

/// The volume's source.
fn over(disk: &Disk) -> PersistentVolumeSpec {
    let mut spec = PersistentVolumeSpec::default();
    match disk {
        Disk::Local { path, .. } => {
            spec.local = Some(LocalVolumeSource { path: path.to_string(), ..Default::default() });
        }
        Disk::HostPath { path, .. } => {
            spec.host_path =
                Some(HostPathVolumeSource { path: path.to_string(), type_: Some("DirectoryOrCreate".to_owned()) });
        }
        Disk::VSphere { volume_path, .. } => {
            spec.vsphere_volume = Some(VsphereVirtualDiskVolumeSource {
                volume_path: volume_path.clone(),
                fs_type: Some(FILE_SYSTEM.to_owned()),
                ..Default::default()
            });
        }
        Disk::Ebs { volume_id, partition } => {
            spec.csi = Some(CSIPersistentVolumeSource {
                driver: "ebs.csi.aws.com".to_owned(),
                volume_handle: volume_id.clone(),
                fs_type: Some(FILE_SYSTEM.to_owned()),
                volume_attributes: Some(BTreeMap::from([("partition".to_owned(), partition.clone())])),
                ..Default::default()
            });
        }
        Disk::GcePersistentDisk { name, partition } => {
            spec.gce_persistent_disk = Some(GCEPersistentDiskVolumeSource {
                pd_name: name.clone(),
                fs_type: Some(FILE_SYSTEM.to_owned()),
                partition: Some(*partition),
                ..Default::default()
            });
        }
    }
    spec
}

/// The claim: bound to the volume above, or to one that the platform provisions. A node whose pod mounts a folder has
/// none.
pub(crate) fn claim(member: &Member) -> Option<PersistentVolumeClaim> {
    let (size, class, volume) = match &member.node.volume {
        Storage::HostPath { .. } => return None,
        Storage::Provisioned { size, class } => (size, class.as_str(), None),
        // An empty class is not the same as none: with none, a cluster's default class would provision a volume.
        Storage::Existing(volume) => {
            let class = volume.class.as_ref().map(cht_model::StorageClassName::as_str).unwrap_or_default();
            (&volume.size, class, Some(member.persistent_volume()))
        }
    };
    let name = member.claim();
    Some(PersistentVolumeClaim {
        metadata: ObjectMeta { labels: Some(labels::service(&name)), name: Some(name), ..Default::default() },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec![ACCESS_MODE.to_owned()]),
            resources: Some(VolumeResourceRequirements { requests: Some(storage(size)), ..Default::default() }),
            storage_class_name: Some(class.to_owned()),
            volume_name: volume,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// The volume as the node's pod has it.
pub(crate) fn pod_volume(member: &Member) -> Volume {
    let name = pod_volume_name(member);
    match &member.node.volume {
        Storage::HostPath { path, create } => Volume {
            name,
            host_path: Some(HostPathVolumeSource {
                path: path.to_string(),
                type_: create.then(|| "DirectoryOrCreate".to_owned()),
            }),
            ..Default::default()
        },
        Storage::Provisioned { .. } | Storage::Existing(_) => Volume {
            name,
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: member.claim(),
                ..Default::default()
            }),
            ..Default::default()
        },
    }
}

/// What the node's containers mount the volume by.
pub(crate) fn pod_volume_name(member: &Member) -> String {
    match member.node.volume {
        Storage::HostPath { .. } => "local-volume".to_owned(),
        Storage::Provisioned { .. } | Storage::Existing(_) => member.claim(),
    }
}

/// The volume over a disk that the values name, where there is one.
pub(crate) fn existing<'a>(member: &Member<'a>) -> Option<&'a ExistingVolume> {
    match &member.node.volume {
        Storage::Existing(volume) => Some(volume),
        Storage::HostPath { .. } | Storage::Provisioned { .. } => None,
    }
}

/// What puts a pod on this node.
pub(crate) fn on_node(node: &NodeName) -> BTreeMap<String, String> {
    BTreeMap::from([(HOSTNAME.to_owned(), node.to_string())])
}

/// The only node that has the disk, where that is known.
pub(crate) fn node_of(disk: &Disk) -> Option<&NodeName> {
    match disk {
        Disk::Local { node, .. } | Disk::VSphere { node, .. } => Some(node),
        Disk::HostPath { node, .. } => node.as_ref(),
        Disk::Ebs { .. } | Disk::GcePersistentDisk { .. } => None,
    }
}

/// Keeps pods off every other node: there, CouchDB would start empty.
fn affinity(node: &NodeName) -> VolumeNodeAffinity {
    let requirement = NodeSelectorRequirement {
        key: HOSTNAME.to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_string()]),
    };
    let term = NodeSelectorTerm { match_expressions: Some(vec![requirement]), ..Default::default() };
    VolumeNodeAffinity { required: Some(NodeSelector { node_selector_terms: vec![term] }) }
}

fn storage(size: &Size) -> BTreeMap<String, Quantity> {
    BTreeMap::from([("storage".to_owned(), Quantity(size.to_string()))])
}
