//! Writes a file that was not there before: whole, or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a new file, for its owner alone where it is secret.
///
/// # Errors
///
/// When there is such a file already, or it cannot be written; then there is none afterwards either.
pub(super) fn create(path: &Path, text: &str, secret: bool) -> io::Result<()> {
    let mut file = new(path, secret)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    drop(file);
    if written.is_err() {
        // What has made writing fail may make this fail, too: then the first reason is the one to know.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn new(path: &Path, secret: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    options.open(path)
}
