//! GKE with existing data: persistent disks of Compute Engine.

use super::{SIZE, Setting, missing_for};
use crate::values::read::{Reader, wants};
use crate::values::report::Read;
use crate::{Disk, Volume};

pub(super) fn existing(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Volume> {
    let size = reader.required_size(SIZE);
    let capacity = reader.required_size("couchdb.persistent_disk.size");
    let disk = disk(reader, setting, number);
    super::existing(reader, disk, capacity, size)
}

fn disk(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Disk> {
    let name = name(reader, setting, number);
    let partition = reader.number("couchdb_data.partition");
    Ok(Disk::GcePersistentDisk { name: name?, partition: partition?.unwrap_or(0) })
}

fn name(reader: &mut Reader, setting: &Setting, number: usize) -> Read<String> {
    const STEM: &str = "couchdb.persistent_disk.diskName";
    let key = setting.cluster.map_or_else(|| STEM.to_owned(), |_| format!("{STEM}-{number}"));
    let hint = missing_for(reader, setting, &key);
    let Some(text) = reader.filled(&key)? else { return Err(reader.missing(&key, hint.as_deref())) };
    let name = text.as_str();
    let inner = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if inner && name.len() <= 63 && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-') {
        return Ok(name.to_owned());
    }
    Err(reader.invalid(&text, wants(&key)))
}
