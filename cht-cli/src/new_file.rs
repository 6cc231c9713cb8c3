//! Files that are made, and never written over. Only their owner may read them: they may hold passwords.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Writes a text to a file that is not there yet: all of it, or no file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    let name = path.display();
    let mut file = create(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{name} is there already, and is not written over"),
        _ => format!("{name} cannot be written: {error}"),
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a file of values may be valid, too, and mean something else.
        let _ = fs::remove_file(path);
        format!("{name} cannot be written: {error}")
    })
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
