//! Everything that a record can be about, and what it then says.

use std::fmt;

use k8s_openapi::jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::component::{ComponentFailed, ComponentState};
use super::finished::RunFinished;
use super::object::ObjectRecord;
use super::plan::PlanMade;
use super::started::RunStarted;
use crate::{Applied, LockHolder};

/// One type of record: its name, the fields that it must have although others of its kind need not, and its own.
pub(super) struct TypeSchema {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) needs: &'static [&'static str],
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! happenings {
    ($($(#[doc = $description:literal])+ $variant:ident = $name:literal $([$($needs:literal)+])?,)*) => {
        /// What a record is about, by its `type`. Later versions may add types.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        #[non_exhaustive]
        pub enum Happening {
            $($(#[doc = $description])+ #[serde(rename = $name)] $variant(Box<$variant>),)*
        }

        impl Happening {
            /// The type's name, e.g. `run.started`.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }

            pub(super) const TYPES: &'static [TypeSchema] = &[$(TypeSchema {
                name: $name,
                description: concat!($($description),+),
                needs: &[$($($needs),+)?],
                schema: <$variant as JsonSchema>::json_schema,
            },)*];
        }

        $(impl From<$variant> for Happening {
            fn from(what: $variant) -> Self {
                Self::$variant(Box::new(what))
            }
        })*
    };
}

happenings! {
    /// The run has begun: its instance and its cluster are known.
    RunStarted = "run.started",
    /// What is there has been compared with what is wanted.
    PlanMade = "plan.made",
    /// Something that a person should know.
    Note = "note",
    /// Another run holds the lock, and this one waits for it.
    LockWaiting = "lock.waiting",
    /// The lock of a run that has not renewed it in time was taken over.
    LockTakenOver = "lock.taken-over",
    /// What is about to be done was written down as the revision `rev`.
    RevisionStarted = "revision.started" ["rev"],
    /// The objects of the stage `stage` are being applied.
    StageStarted = "stage.started" ["stage"],
    /// An object was applied.
    ObjectApplied = "object.applied",
    /// An object was removed.
    ObjectRemoved = "object.removed",
    /// A component's health is another than before.
    ComponentState = "component.health",
    /// Nothing has happened for a while; these components are waited for.
    RunWaiting = "run.waiting",
    /// A component does not get ready, with what backs it.
    ComponentFailed = "component.failed",
    /// The run is over. It is the last record.
    RunFinished = "run.finished" ["exit_code"],
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// In words.
    pub message: String,
}

/// Another run holds the lock, and this one waits for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LockWaiting {
    /// That run.
    pub holder: HolderRecord,
    /// For how long this one waits at most.
    pub wait_seconds: f64,
}

/// The lock of a run that has not renewed it in time was taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockTakenOver {
    /// That run.
    pub holder: HolderRecord,
}

/// Whoever holds the lock of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderRecord {
    /// `user@host/process/run/…`, as the Lease has it.
    pub identity: String,
    /// Since when, by the holder's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
}

/// What is about to be done was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevisionStarted {}

/// The objects of a stage are being applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageStarted {}

/// An object was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectApplied {
    /// The object.
    pub obj: ObjectRecord,
    /// What that did.
    pub change: AppliedChange,
}

/// What applying an object did. Closed: `v1` has no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppliedChange {
    /// It is new.
    Created,
    /// It has changed.
    Changed,
    /// It was as wanted.
    Unchanged,
}

/// An object was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRemoved {
    /// The object.
    pub obj: ObjectRecord,
}

/// Nothing has happened for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunWaiting {
    /// How long the run has taken so far.
    pub elapsed_seconds: f64,
    /// What is waited for; left out when it is no component.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<ComponentState>,
}

impl From<Applied> for AppliedChange {
    fn from(change: Applied) -> Self {
        match change {
            Applied::Created => Self::Created,
            Applied::Changed => Self::Changed,
            Applied::Unchanged => Self::Unchanged,
        }
    }
}

impl From<&LockHolder> for HolderRecord {
    fn from(holder: &LockHolder) -> Self {
        Self { identity: holder.identity.clone(), since: holder.since }
    }
}
