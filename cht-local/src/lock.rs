//! One command at a time makes, stops or removes a cluster: what the other is still making looks like what an interrupted
//! one has left.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::ClusterName;

/// Held as long as a command works on a cluster; free again when the process ends, however it does.
#[derive(Debug)]
pub struct ClusterLock(#[expect(dead_code, reason = "the lock is that it is open")] File);

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another command works on the cluster.
    #[error("another `cht up` or `cht down` is at work on the cluster {:?}", .0.as_str())]
    Held(ClusterName),
    /// The lock's file cannot be used.
    #[error("{} cannot be used as a lock", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl ClusterLock {
    /// Takes the lock of a cluster, whose file is in `folder`.
    ///
    /// # Errors
    ///
    /// When another command holds it, or the file cannot be made.
    pub fn take(folder: &Path, name: &ClusterName) -> Result<Self, LockError> {
        let path = folder.join(format!("{name}.lock"));
        let opened = std::fs::create_dir_all(folder)
            .and_then(|()| OpenOptions::new().create(true).truncate(false).write(true).open(&path));
        let file = match opened {
            Ok(file) => file,
            Err(source) => return Err(LockError::Unusable { path, source }),
        };
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(name.clone())),
            Err(TryLockError::Error(source)) => Err(LockError::Unusable { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = |name: &str| ClusterLock::take(&folder.path().join("cht"), &name.parse().expect("a name"));
        let held = take("cht").expect("free");
        let refused = take("cht").expect_err("held").to_string();
        assert_eq!(refused, "another `cht up` or `cht down` is at work on the cluster \"cht\"");
        let _other = take("other").expect("another cluster has another lock");
        drop(held);
        let _again = take("cht").expect("free again");
    }
}
