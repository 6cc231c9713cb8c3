//! 4.x on k3s: folders of Kubernetes nodes, or vSphere's disks. 5.x goes on with those of a cluster that was made by 4.x:
//! neither a volume's source nor its class can be changed.

use super::{SIZE, one_each};
use crate::values::code::Code;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{Disk, DiskPath, ExistingVolume, NamespaceName, NodeName, Quantity, StorageClassName, Volume};

/// The class of volumes over folders.
const LOCAL: &str = "local-storage";
/// The class of volumes over vSphere's disks.
const VSPHERE: &str = "vsphere-storage-class";
const ON_VSPHERE: &str = "k3s_use_vSphere_storage_class";

/// What a pod's labels allow a Job's name to have.
const LONGEST_JOB_NAME: usize = 63;

pub(super) fn single(reader: &mut Reader, existing: Read<Option<bool>>) -> Read<Volume> {
    let path = reader.required_name("local_storage.preExistingDiskPath-1");
    Ok(Volume::HostPath { path: path?, create: !existing?.unwrap_or(false) })
}

/// Nothing is provisioned here. The class of volumes over folders may be written, as 5.x wants it for the same volumes.
pub(super) fn warn_of_class(reader: &mut Reader) {
    if reader.peek("couchdb.storage_class") != Some(LOCAL) {
        let why = "on k3s with 4.x, which keeps data in folders of Kubernetes nodes or on named disks of vSphere";
        reader.warn_of_no_effect("couchdb.storage_class", why, "remove it; 5.x provisions claims from the class");
    }
}

/// Whether 5.x values with existing data mean volumes that 4.x made for a cluster.
pub(super) fn is_of_v4(reader: &Reader) -> bool {
    reader.peek("couchdb.storage_class") == Some(LOCAL) || reader.peek(ON_VSPHERE) == Some("true")
}

pub(super) fn member(
    reader: &mut Reader,
    namespace: Read<&NamespaceName>,
    existing: Read<Option<bool>>,
    (number, count): (usize, usize),
) -> Read<Volume> {
    let size = reader.required_size(SIZE);
    let node = node(reader, number, count);
    if reader.boolean(ON_VSPHERE)?.unwrap_or(false) {
        let volume_path = vsphere_path(reader, namespace, number);
        let disk = Disk::VSphere { volume_path: volume_path?, node: node? };
        return Ok(volume(disk, &size?, VSPHERE, false));
    }
    let existing = existing?.unwrap_or(false);
    let path = path(reader, namespace, existing, (number, count));
    let disk = Disk::Local { path: path?, node: node? };
    Ok(volume(disk, &size?, LOCAL, !existing))
}

fn volume(disk: Disk, size: &Quantity, class: &str, create_directory: bool) -> Volume {
    let class: StorageClassName = class.parse().expect("the charts' classes are names of classes");
    Volume::Existing(ExistingVolume {
        disk,
        capacity: size.clone(),
        size: size.clone(),
        class: Some(class),
        create_directory,
    })
}

fn node(reader: &mut Reader, number: usize, count: usize) -> Read<NodeName> {
    let path = format!("nodes.node-{number}");
    match reader.name(&path)? {
        Some(name) => Ok(name),
        None => Err(reader.missing(&path, Some(&one_each(count)))),
    }
}

/// Where the data is. Values that name no path at all mean the folders that the first deploy made.
fn path(
    reader: &mut Reader,
    namespace: Read<&NamespaceName>,
    existing: bool,
    (number, count): (usize, usize),
) -> Read<DiskPath> {
    let key = |number: usize| format!("local_storage.preExistingDiskPath-{number}");
    if existing {
        if let Some(path) = reader.name(&key(number))? {
            return Ok(path);
        }
        if (1..=count).any(|number| reader.has(&key(number))) {
            return Err(reader.missing(&key(number), Some(&one_each(count))));
        }
    }
    let namespace = namespace?;
    if !existing {
        check_job_name(reader, namespace, count)?;
    }
    let path = format!("/var/lib/{namespace}-couchdb{number}");
    Ok(path.parse().expect("a namespace's name is no path"))
}

/// The Jobs that make the folders are named after the namespace and the node.
fn check_job_name(reader: &mut Reader, namespace: &NamespaceName, count: usize) -> Read<()> {
    let longest = LONGEST_JOB_NAME - format!("create-directory--{count}").len();
    if namespace.as_str().len() <= longest {
        return Ok(());
    }
    let what = "is too long for the names of the Jobs that make the CouchDB nodes' folders";
    let finding = reader.finding("namespace", Code::Invalid, what);
    Err(reader.report.error(finding.expected(format!("at most {longest} characters"))))
}

fn vsphere_path(reader: &mut Reader, namespace: Read<&NamespaceName>, number: usize) -> Read<String> {
    let datastore = reader.required("vSphere.datastoreName");
    let folder = reader.required("vSphere.diskPath");
    let (datastore, folder, namespace) = (datastore?.as_str(), folder?.as_str(), namespace?);
    Ok(format!("[{datastore}] {}/{namespace}-couchdb{number}", folder.trim_end_matches('/')))
}
