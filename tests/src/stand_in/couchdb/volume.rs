//! What a CouchDB node keeps on its volume.

use std::io;
use std::path::{Path, PathBuf};

/// The folders of a node's volume.
#[derive(Clone)]
pub(super) struct Volume {
    data: PathBuf,
    configuration: PathBuf,
}

impl Volume {
    /// Those folders, made if needed.
    pub(super) fn open(data: &Path, configuration: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(data)?;
        std::fs::create_dir_all(configuration)?;
        Ok(Self { data: data.to_owned(), configuration: configuration.to_owned() })
    }

    /// What tells it from every other volume: written when it is first used.
    pub(super) fn born(&self) -> io::Result<String> {
        let fresh = || std::fs::read_to_string("/proc/sys/kernel/random/uuid").map(|id| id.trim().to_owned());
        kept(&self.data.join("born"), fresh)
    }

    /// Says that nothing is left to be written.
    pub(super) fn close(&self) -> io::Result<()> {
        std::fs::write(self.data.join("closed"), "")
    }

    /// Begins to write again. Answers whether it was closed before.
    pub(super) fn reopen(&self) -> io::Result<bool> {
        match std::fs::remove_file(self.data.join("closed")) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The user and the password that it was first used with: these, when it never was.
    pub(super) fn credentials(&self, user: &str, password: &str) -> io::Result<(String, String)> {
        let admin = kept(&self.configuration.join("docker.ini"), || Ok(format!("[admins]\n{user} = {password}\n")))?;
        let kept = admin.lines().nth(1).and_then(|line| line.split_once(" = "));
        let (user, password) = kept.ok_or_else(|| io::Error::other("local.d/docker.ini names no administrator"))?;
        Ok((user.to_owned(), password.to_owned()))
    }

    /// The nodes that it was told of, which make up its cluster.
    pub(super) fn nodes(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.data.join("_nodes")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Tells it of the nodes of its cluster.
    pub(super) fn set_nodes(&self, nodes: &[String]) -> io::Result<()> {
        std::fs::write(self.data.join("_nodes"), nodes.join("\n"))
    }

    /// Whether it holds a database.
    pub(super) fn has_database(&self, name: &str) -> bool {
        is_name(name) && self.database(name).exists()
    }

    /// Makes a database, unless it is there.
    pub(super) fn create_database(&self, name: &str) -> io::Result<()> {
        std::fs::OpenOptions::new().create(true).append(true).open(self.database(name)).map(drop)
    }

    fn database(&self, name: &str) -> PathBuf {
        self.data.join(format!("{name}.couch"))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
}

/// The content of a file, which is first made with this.
fn kept(path: &Path, fresh: impl FnOnce() -> io::Result<String>) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let content = fresh()?;
            std::fs::write(path, &content)?;
            Ok(content)
        }
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(folder: &Path) -> Volume {
        Volume::open(&folder.join("data"), &folder.join("local.d")).expect("folders")
    }

    fn given(user: &str, password: &str) -> (String, String) {
        (user.to_owned(), password.to_owned())
    }

    #[test]
    fn the_first_credentials_and_the_identity_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let born = used(folder.path()).born().expect("an identity");
        let first = used(folder.path()).credentials("medic", "one = 1").expect("kept");
        let later = used(folder.path()).credentials("medic", "two").expect("kept");
        assert_eq!((first, later), (given("medic", "one = 1"), given("medic", "one = 1")));
        assert_eq!(used(folder.path()).born().expect("an identity"), born);
        let other = tempfile::tempdir().expect("a folder");
        assert_ne!(used(other.path()).born().expect("an identity"), born);
    }

    #[test]
    fn whether_it_was_closed_is_known_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let volume = used(folder.path());
        assert!(!volume.reopen().expect("opened"));
        volume.close().expect("closed");
        assert!(volume.reopen().expect("opened"));
        assert!(!volume.reopen().expect("opened"));
    }

    #[test]
    fn databases_and_nodes_are_there_once_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let volume = used(folder.path());
        assert!(!volume.has_database("_users") && volume.nodes().is_empty());
        volume.create_database("_users").expect("made");
        volume.set_nodes(&["couchdb@a".to_owned(), "couchdb@b".to_owned()]).expect("written");
        let again = used(folder.path());
        assert!(again.has_database("_users") && !again.has_database("../_users"));
        assert_eq!(again.nodes(), ["couchdb@a", "couchdb@b"]);
    }
}
