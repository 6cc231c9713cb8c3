//! Why there are no new values.

use super::super::check::{Invalid, LoadError};

/// Why values cannot be migrated.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MigrateError {
    /// The old text cannot be read.
    #[error(transparent)]
    Unreadable(LoadError),
    /// The old values make no instance, so nobody can tell where its data lies.
    #[error("the old values make no instance")]
    Invalid {
        /// What is wrong with them.
        #[source]
        invalid: Invalid,
        /// Whether the text is what Helm was given alone, without what the chart adds to it.
        user_supplied: bool,
    },
    /// Nothing leads from the old release to the new one.
    #[error(
        "CHT {from} cannot become {to}: only 4.5 and later can. Upgrade the instance to 4.5 or later of CHT 4 first, then migrate the values that it has there"
    )]
    TooOld {
        /// The release of the old values.
        from: String,
        /// The release that was asked for.
        to: String,
    },
    /// The old release is newer.
    #[error("CHT {from} is newer than {to}, and CHT does not go back: values are migrated to a newer release only")]
    Backwards {
        /// The release of the old values.
        from: String,
        /// The release that was asked for.
        to: String,
    },
    /// A key has to change, and cannot be changed where it stands without changing anything else.
    #[error(
        "{key}, on line {line}, has to change, and cannot be edited there without changing anything else: write the key with its value on a line of its own, without anchor or alias, and migrate again"
    )]
    NotEditable {
        /// The key.
        key: String,
        /// The line of the old text where it, or the section that it belongs in, is written.
        line: usize,
    },
}
