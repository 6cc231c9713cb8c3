//! What each CouchDB node keeps its data on. One file for each platform, and for each line where they differ.

mod ebs;
mod gce;
mod host_path;
mod local_disk;

use super::release::Line;
use crate::values::code::Code;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{Disk, ExistingVolume, NamespaceName, PlatformKind, Quantity, StorageClassName, Volume};

const SIZE: &str = "couchdb.couchdb_node_storage_size";

/// What decides the kind of volume.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) line: Line,
    pub(super) kind: PlatformKind,
    pub(super) namespace: Read<&'a NamespaceName>,
    /// How many nodes the cluster has; none for a single node.
    pub(super) cluster: Option<usize>,
}

/// The volume of a node, by its number from 1.
pub(super) fn volume(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Volume> {
    let existing = reader.boolean("couchdb_data.preExistingDataAvailable");
    if (setting.line, setting.kind) == (Line::V4, PlatformKind::K3s) {
        local_disk::warn_of_class(reader);
        return match setting.cluster {
            None => local_disk::single(reader, existing),
            Some(count) => local_disk::member(reader, setting.namespace, existing, (number, count)),
        };
    }
    if setting.kind == PlatformKind::K3s {
        if let (Some(count), Ok(Some(true))) = (setting.cluster, existing)
            && local_disk::is_of_v4(reader)
        {
            return local_disk::member(reader, setting.namespace, existing, (number, count));
        }
        host_path::warn_of_vsphere(reader);
    }
    match (setting.kind, existing?.unwrap_or(false)) {
        (PlatformKind::K3s, false) => provisioned(reader, "local-path"),
        (PlatformKind::K3s, true) => host_path::existing(reader, setting, number),
        (PlatformKind::Eks, false) => provisioned(reader, "ebs-gp2"),
        (PlatformKind::Eks, true) => ebs::existing(reader, setting, number),
        (PlatformKind::Gke, false) => provisioned(reader, "standard-rwo"),
        (PlatformKind::Gke, true) => gce::existing(reader, setting, number),
    }
}

fn provisioned(reader: &mut Reader, default_class: &'static str) -> Read<Volume> {
    let size = reader.required_size(SIZE);
    let class = reader.name_or("couchdb.storage_class", default_class);
    Ok(Volume::Provisioned { size: size?, class: class? })
}

/// A volume over a disk that is there already, without a class, so that nothing but its own claim binds to it.
fn existing(reader: &mut Reader, disk: Read<Disk>, capacity: Read<Quantity>, size: Read<Quantity>) -> Read<Volume> {
    let (capacity, size) = (capacity?, size?);
    if size > capacity {
        let what = format!("is {size}, more than the {capacity} of the disk with the data: the claim would never bind");
        let finding = reader.finding(SIZE, Code::Conflict, what);
        return Err(reader.report.error(finding.expected(format!("{capacity} or less"))));
    }
    let class: Option<StorageClassName> = None;
    Ok(Volume::Existing(ExistingVolume { disk: disk?, capacity, size, class, create_directory: false }))
}

/// The hint for names that are fewer than nodes.
pub(super) fn one_each(count: usize) -> String {
    format!("the cluster has {count} nodes, and each needs its own")
}

/// A key with a number that must be there for each node.
fn missing_for(reader: &Reader, setting: &Setting, path: &str) -> Option<String> {
    setting.cluster.filter(|_| !reader.has(path)).map(one_each)
}
