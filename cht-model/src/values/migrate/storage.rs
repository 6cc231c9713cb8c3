//! Where the data lies. 5.x makes other volumes than 4.x unless it is told what is there already.
//!
//! Claims that the platform provisioned live on in the namespace under the names that 5.x has for them, too, so nothing
//! needs to be said of them.

use super::super::check::Invalid;
use super::super::code::Code;
use super::super::load::Values;
use super::super::problem::Problems;
use super::super::read::Reader;
use super::super::reference::References;
use super::super::validate;
use super::editor::Editor;
use super::error::MigrateError;
use super::heading::Heading;
use crate::{Disk, ExistingVolume, Instance, PlatformKind, Profile, Quantity, Release, Topology, Volume};

const EXISTING: &str = "couchdb_data.preExistingDataAvailable";
const CLASS: &str = "couchdb.storage_class";
const FIRST_FOLDER: &str = "local_storage.preExistingDiskPath-1";
const EBS_SIZE: &str = "ebs.preExistingEBSVolumeSize";

/// Where the 4.x chart keeps every single k3s node's data unless its values say otherwise.
const CHART_FOLDER: &str = "/var/lib/couchdb1";

/// The instance that the old values make. The folder that the 4.x chart has for a default is written down first.
pub(super) fn old_instance(
    editor: &mut Editor,
    name: &str,
    references: &dyn References,
    heading: Option<Heading>,
) -> Result<Instance, MigrateError> {
    let user_supplied = heading.is_some_and(|heading| heading.user_supplied);
    let invalid = |problems| MigrateError::Invalid { invalid: Invalid { problems }, user_supplied };
    let values = editor.load(name, references).map_err(MigrateError::Unreadable)?;
    let problems = match values.validate() {
        Ok(checked) => return Ok(checked.value),
        Err(invalid) => invalid.problems,
    };
    if !is_on_folder_of_chart(&values) {
        return Err(invalid(problems));
    }
    let others =
        problems.into_iter().filter(|problem| (problem.code(), problem.key()) != (Code::Missing, Some(FIRST_FOLDER)));
    let others = Problems(others.collect());
    if others.errors().next().is_some() {
        return Err(invalid(others));
    }
    let why = "the chart of 4.x keeps a single k3s node's data there unless its values say otherwise";
    editor.set(FIRST_FOLDER, CHART_FOLDER, why)?;
    let values = editor.load(name, references).map_err(MigrateError::Unreadable)?;
    values.validate().map(|checked| checked.value).map_err(|error| invalid(error.problems))
}

/// Whether the values mean a single k3s node of 4.x, and do not say where its data lies.
fn is_on_folder_of_chart(values: &Values) -> bool {
    let mut reader = Reader::new(&values.root);
    let clustered = ["couchdb.clusteredCouch_enabled", "couchdb.clusteredCouchEnabled"];
    validate::is_v4(values)
        && reader.peek("cluster_type") == Some(PlatformKind::K3s.as_str())
        && clustered.iter().all(|key| matches!(reader.boolean(key), Ok(None | Some(false))))
        && !reader.has(FIRST_FOLDER)
}

/// Makes the values say where the data of a 4.x instance lies, as 5.x needs it said.
pub(super) fn keep(editor: &mut Editor, old: &Instance) -> Result<(), MigrateError> {
    if !matches!(old.release(), Release::V4(_)) {
        return Ok(());
    }
    match &old.couchdb().topology {
        Topology::Single(node) => single(editor, &node.volume, old.profile()),
        Topology::Clustered(nodes) => {
            let volumes = (1..).zip(nodes.as_slice()).map(|(number, node)| (number, &node.volume));
            volumes.into_iter().try_for_each(|(number, volume)| match volume {
                Volume::Existing(volume) => member(editor, number, volume),
                Volume::HostPath { .. } | Volume::Provisioned { .. } => Ok(()),
            })
        }
    }
}

fn single(editor: &mut Editor, volume: &Volume, profile: Profile) -> Result<(), MigrateError> {
    let Volume::HostPath { path, .. } = volume else { return Ok(()) };
    let why = format!(
        "the data lies in {path} of a Kubernetes node, and 5.x makes its volume over that folder when told so; where \
         CouchDB could run on several, nodes.node-1 names the one that has it"
    );
    editor.set(EXISTING, "true", &why)?;
    if profile == Profile::Chart && editor.written("nodes.node-1").is_some() {
        let why = format!(
            "the chart of 4.x keeps no single node on it, and 5.x would: write it again if {path} is a folder of that Kubernetes node"
        );
        editor.set("nodes.node-1", "", &why)?;
    }
    Ok(())
}

/// A node's volume cannot become another: 5.x is told to go on with those that 4.x made.
fn member(editor: &mut Editor, number: usize, volume: &ExistingVolume) -> Result<(), MigrateError> {
    match &volume.disk {
        Disk::Local { path, .. } => {
            editor.set(
                EXISTING,
                "true",
                "the data lies in folders of the Kubernetes nodes, which 5.x has to be told",
            )?;
            editor.set(
                CLASS,
                "local-storage",
                "the volumes of 4.x have this class, and no volume can change its class",
            )?;
            let why = format!("the data of CouchDB node {number} lies there");
            editor.set(&format!("local_storage.preExistingDiskPath-{number}"), path.as_str(), &why)
        }
        Disk::VSphere { .. } => {
            let why = "the data lies on disks of vSphere, which 5.x goes on with when told so";
            editor.set(EXISTING, "true", why)?;
            editor.set("k3s_use_vSphere_storage_class", "true", why)
        }
        Disk::Ebs { .. } => {
            let written = editor.written(EBS_SIZE).and_then(|size| size.text.parse::<Quantity>().ok());
            if written.is_some_and(|written| written >= volume.size) {
                return Ok(());
            }
            let why = "4.x gives a cluster's volumes the size of their claims, whatever is written here";
            editor.set(EBS_SIZE, &volume.capacity.to_string(), why)
        }
        Disk::HostPath { .. } | Disk::GcePersistentDisk { .. } => Ok(()),
    }
}
