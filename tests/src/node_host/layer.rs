//! The one layer that all images share: the stand-in with the libraries it needs, and a shell for what is none of CHT's.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stand_in::NODE;

/// Where the stand-in is in an image.
pub(super) const STAND_IN: &str = "/bin/stand-in";

const BUSYBOX: &str = "/bin/busybox";
/// What a Job, a probe or a person in the pod may call.
const COMMANDS: [&str; 11] = ["base64", "cat", "env", "ls", "mkdir", "nc", "nslookup", "pidof", "sh", "sleep", "wget"];
/// What the stand-in plays besides CHT's programs: what runs Sentinel, and what CouchDB's image asks itself with.
const PLAYED: [&str; 2] = [NODE, "/bin/curl"];
const EXECUTABLE: u32 = 0o755;

/// The layer as an archive.
pub(super) fn of(stand_in: &Path, busybox: &Path) -> io::Result<Vec<u8>> {
    let libraries = libraries(stand_in)?;
    let mut layer = tar::Builder::new(Vec::new());
    for folder in folders(libraries.iter().map(PathBuf::as_path).chain([Path::new(STAND_IN)])) {
        let mut header = header(0);
        header.set_entry_type(tar::EntryType::Directory);
        layer.append_data(&mut header, Path::new(".").join(folder), io::empty())?;
    }
    add(&mut layer, STAND_IN, &std::fs::read(stand_in)?)?;
    add(&mut layer, BUSYBOX, &std::fs::read(busybox)?)?;
    for command in COMMANDS {
        link(&mut layer, &format!("/bin/{command}"), BUSYBOX)?;
    }
    for command in PLAYED {
        link(&mut layer, command, STAND_IN)?;
    }
    for library in libraries {
        add(&mut layer, &library.to_string_lossy(), &std::fs::read(&library)?)?;
    }
    layer.into_inner()
}

/// The folders that files are in, outermost first, without the leading `/`. Those that an archive does not name may be
/// made for root alone.
fn folders<'a>(files: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    let folders = files.flat_map(|file| file.ancestors().skip(1));
    folders.map(|folder| folder.strip_prefix("/").unwrap_or(folder).to_owned()).collect()
}

fn add(layer: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8]) -> io::Result<()> {
    layer.append_data(&mut header(content.len() as u64), path.trim_start_matches('/'), content)
}

fn link(layer: &mut tar::Builder<Vec<u8>>, path: &str, target: &str) -> io::Result<()> {
    let mut header = header(0);
    header.set_entry_type(tar::EntryType::Symlink);
    layer.append_link(&mut header, path.trim_start_matches('/'), target)
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(EXECUTABLE);
    header.set_size(size);
    header
}

/// The files that the program loads, where this machine has them. There, the same loader looks for them in an image.
fn libraries(program: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = Command::new("ldd").arg(program).output()?;
    if !listed.status.success() {
        return Err(io::Error::other(format!("ldd cannot tell what {} loads", program.display())));
    }
    Ok(paths(&String::from_utf8_lossy(&listed.stdout)))
}

/// The paths in lines such as `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`.
fn paths(listed: &str) -> Vec<PathBuf> {
    listed
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
        .map(Into::into)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_before_what_is_in_them() {
        let files = ["/lib/x86_64-linux-gnu/libc.so.6", "/bin/stand-in"].map(Path::new);
        let wanted = ["", "bin", "lib", "lib/x86_64-linux-gnu"].map(PathBuf::from);
        assert_eq!(folders(files.into_iter()).into_iter().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn libraries_are_those_with_a_path() {
        let listed = "\tlinux-vdso.so.1 (0x00007f)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let wanted = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"].map(PathBuf::from);
        assert_eq!(paths(listed), wanted);
    }
}
