//! What can go wrong with a sandbox's state file.

use std::io;
use std::path::PathBuf;

/// Why a sandbox could not be opened or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The file could not be read.
    #[error("the sandbox in {} could not be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("the sandbox could not be written to {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another program has the file open.
    #[error("the sandbox in {} is in use by another program: wait until that has ended, or use another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{} is not a sandbox's file ({reason}): name another file, or remove this one", path.display())]
    NotASandbox {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
    /// The file is from a later version of this program.
    #[error("the sandbox in {} is of format {found}, and this program knows {known} at most: use a newer one", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The file's format.
        found: u64,
        /// The newest format known here.
        known: u64,
    },
}
