//! One line of an instance's history.

use std::fmt;

use cht_manifests::Manifests;
use k8s_openapi::jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::revision::digest;
use crate::{Actor, Counts, RunId};

/// What a run was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// To make the cluster hold what values say.
    Deploy,
    /// To make it hold what an earlier revision held.
    Rollback {
        /// That revision.
        to: u32,
    },
    /// To stop what the instance runs.
    Uninstall,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deploy => f.write_str("deploy"),
            Self::Rollback { to } => write!(f, "rollback to {to}"),
            Self::Uninstall => f.write_str("uninstall"),
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevisionOutcome {
    /// It has begun, and has not said how it ended.
    Applying,
    /// It did what it was for.
    Done,
    /// It did not.
    Failed {
        /// Why, in a word or two, e.g. `api: crash-loop`. Never a text from elsewhere.
        reason: String,
    },
    /// It was told to stop, or ended without a word.
    Interrupted,
}

impl fmt::Display for RevisionOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applying => f.write_str("applying"),
            Self::Done => f.write_str("done"),
            Self::Failed { reason } => write!(f, "failed ({reason})"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// One line of an instance's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionSummary {
    /// Its number, from 1.
    pub number: u32,
    /// What the run was for.
    pub action: Action,
    /// The CHT version that was wanted.
    pub version: String,
    /// Who ran it.
    pub actor: Actor,
    /// The run.
    pub run: RunId,
    /// When it began, by the actor's clock.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// How it ended.
    pub outcome: RevisionOutcome,
    /// What it did.
    pub counts: Counts,
    /// What tells what was wanted from anything else: two revisions that wanted the same have the same.
    pub digest: String,
    /// The UID of the object that holds the whole revision, when it was written.
    pub(crate) record: Option<String>,
}

impl RevisionSummary {
    /// Whether the run wanted exactly these, with secrets masked, and came to its end.
    pub(crate) fn wanted(&self, masked: &Manifests) -> bool {
        self.outcome == RevisionOutcome::Done && self.action != Action::Uninstall && self.digest == digest(masked)
    }
}
