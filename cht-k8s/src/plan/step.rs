//! One object of a plan, and what a deploy would do to it.

use cht_manifests::Manifest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::downtime::Downtime;
use super::hash::StepHash;
use crate::{ClusterError, FieldConflict};

/// One object of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The object, with its place in the instance.
    pub manifest: Manifest,
    /// What would happen to it.
    pub change: Change,
    /// What people would notice, where its pods are replaced.
    pub restarts: Option<Downtime>,
    pub(super) hash: StepHash,
}

/// What a deploy would do to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is as wanted.
    Unchanged,
    /// It is not there.
    Create,
    /// Fields of it change.
    Update {
        /// The fields.
        fields: Vec<FieldChange>,
    },
    /// It becomes this project's, or fields of it do that a tool has which this project takes over from.
    Adopt {
        /// The fields that change, which may be none.
        fields: Vec<FieldChange>,
        /// Whose fields are taken over.
        owners: Vec<FieldConflict>,
    },
    /// A Job that an earlier deploy has left: it is waited for or, where it has failed or is another, run again.
    Rerun,
    /// It has done what it was for, or belongs to others, and is left as it is.
    Leave,
    /// It is applied, and what changes is not known before: the server cannot try it.
    Untried {
        /// Why not.
        message: String,
    },
    /// It cannot become as wanted: others have these fields, and keep them.
    Conflict {
        /// The fields.
        fields: Vec<FieldConflict>,
    },
    /// It cannot become as wanted: Kubernetes keeps a field as it is.
    Immutable {
        /// The server's words.
        message: String,
    },
    /// It cannot become as wanted: the server refuses it, or it would claim what another object has.
    Denied {
        /// How.
        error: ClusterError,
    },
}

/// One field that would change. Secrets stand in neither value; marks in place of them are equal where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field, e.g. `.spec.replicas`.
    pub field: String,
    /// Its value now; none where it is not set.
    pub old: Option<Value>,
    /// Its value afterwards; none where it goes away.
    pub new: Option<Value>,
}

impl Change {
    /// The class's name, e.g. `create`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Create => "create",
            Self::Update { .. } => "change",
            Self::Adopt { .. } => "adopt",
            Self::Rerun => "rerun",
            Self::Leave => "leave",
            Self::Untried { .. } => "untried",
            Self::Conflict { .. } => "conflict",
            Self::Immutable { .. } => "immutable",
            Self::Denied { .. } => "denied",
        }
    }

    /// Whether there is nothing to do.
    pub fn is_as_wanted(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Leave)
    }

    /// The fields that change, as far as they are known. What is new has none.
    pub fn fields(&self) -> &[FieldChange] {
        match self {
            Self::Update { fields } | Self::Adopt { fields, .. } => fields,
            _ => &[],
        }
    }
}

impl Step {
    /// Why the object cannot become as wanted, where it cannot.
    pub fn refusal(&self) -> Option<ClusterError> {
        let object = || self.manifest.object.key();
        match &self.change {
            Change::Conflict { fields } => {
                Some(ClusterError::FieldConflict { object: object(), fields: fields.clone() })
            }
            Change::Immutable { message } => Some(ClusterError::Invalid { object: object(), message: message.clone() }),
            Change::Denied { error } => Some(error.clone()),
            _ => None,
        }
    }
}
