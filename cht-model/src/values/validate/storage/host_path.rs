//! 5.x on k3s with existing data: a folder of a Kubernetes node.

use super::{SIZE, Setting, missing_for};
use crate::values::code::Code;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{Disk, NodeName, Volume};

pub(super) fn existing(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Volume> {
    let size = reader.required_size(SIZE);
    let disk = disk(reader, setting, number);
    super::existing(reader, disk, size.clone(), size)
}

fn disk(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Disk> {
    let key = format!("local_storage.preExistingDiskPath-{number}");
    let hint = missing_for(reader, setting, &key);
    let path = reader.name(&key)?.ok_or_else(|| reader.missing(&key, hint.as_deref()));
    let node: Read<Option<NodeName>> = reader.name(&format!("nodes.node-{number}"));
    Ok(Disk::HostPath { path: path?, node: node? })
}

/// 5.x leaves vSphere to a storage class of the cluster's own, but for disks that 4.x made.
pub(super) fn warn_of_vsphere(reader: &mut Reader) {
    const KEY: &str = "k3s_use_vSphere_storage_class";
    if reader.peek(KEY) == Some("true") {
        let finding = reader.finding(KEY, Code::NoEffect, "has no effect on 5.x without existing data of a cluster");
        let hint = "name a StorageClass of the cluster that provisions vSphere's disks in couchdb.storage_class";
        reader.report.warning(finding.hint(hint));
    }
}
