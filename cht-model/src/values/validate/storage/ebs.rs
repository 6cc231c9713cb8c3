//! EKS with existing data: volumes of the Elastic Block Store.

use super::Line;
use super::{SIZE, Setting, missing_for};
use crate::values::read::{Reader, wants};
use crate::values::report::Read;
use crate::{Disk, Volume};

pub(super) fn existing(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Volume> {
    let size = reader.required_size(SIZE);
    // The 4.x chart gives a cluster's volumes the size of its claims.
    let capacity = if setting.line == Line::V4 && setting.cluster.is_some() {
        size.clone()
    } else {
        reader.required_size("ebs.preExistingEBSVolumeSize")
    };
    let disk = disk(reader, setting, number);
    super::existing(reader, disk, capacity, size)
}

fn disk(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Disk> {
    let volume_id = volume_id(reader, setting, number);
    let partition = reader.number::<u16>("couchdb_data.partition");
    Ok(Disk::Ebs { volume_id: volume_id?, partition: partition?.unwrap_or(0).to_string() })
}

fn volume_id(reader: &mut Reader, setting: &Setting, number: usize) -> Read<String> {
    let key = format!("ebs.preExistingEBSVolumeID-{number}");
    let hint = missing_for(reader, setting, &key);
    let Some(text) = reader.filled(&key)? else { return Err(reader.missing(&key, hint.as_deref())) };
    let id =
        text.as_str().strip_prefix("vol-").filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit()));
    id.map(|_| text.as_str().to_owned()).ok_or_else(|| reader.invalid(&text, wants(&key)))
}
