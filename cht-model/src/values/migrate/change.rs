//! What was changed, where and why.

use std::fmt;

/// One change of the text. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key's path with dots, as the old values have it; for an added one, as the new values have it.
    pub key: String,
    /// What was done.
    pub kind: ChangeKind,
    /// The line of the old text; none for what was added.
    pub old_line: Option<usize>,
    /// The line of the new text.
    pub new_line: usize,
    /// Why, as a clause.
    pub why: String,
}

/// What was done to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It has another value.
    Replaced {
        /// The value as it was written.
        from: String,
        /// The value as it is written now.
        to: String,
    },
    /// It has another name.
    Renamed {
        /// The key's new path.
        to: String,
    },
    /// It was not there.
    Added {
        /// The value.
        to: String,
    },
    /// It is a comment now.
    CommentedOut,
}

/// What was done, without the reason.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.kind {
            ChangeKind::Replaced { from, to } => write!(f, "{key}: {from} -> {to}"),
            ChangeKind::Renamed { to } => write!(f, "{key} -> {to}"),
            ChangeKind::Added { to } => write!(f, "{key}: {to} (added)"),
            ChangeKind::CommentedOut => write!(f, "{key} (now a comment)"),
        }
    }
}
