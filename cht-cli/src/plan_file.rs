//! Plans in files: written by `cht diff --out`, held to by `cht deploy --plan`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use cht_k8s::PlanRecord;

/// Writes a plan to a file that only its owner may read: it names every object, and what is wrong with some.
pub(crate) fn write(path: &Path, plan: &PlanRecord) -> Result<(), String> {
    let text = serde_json::to_string_pretty(plan).map_err(io::Error::from);
    let written = text.and_then(|text| {
        let mut file = for_its_owner(path)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")
    });
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// The plan in a file.
pub(crate) fn read(path: &Path) -> Result<PlanRecord, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    PlanRecord::read(&text).map_err(|error| format!("{name} cannot be deployed: {error}"))
}

#[cfg(unix)]
fn for_its_owner(path: &Path) -> io::Result<File> {
    use std::fs::Permissions;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // It may have been there, and open to others.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn for_its_owner(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}
