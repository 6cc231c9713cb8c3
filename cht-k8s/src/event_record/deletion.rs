//! What an uninstall leaves, as the last record of its run tells it.

use cht_manifests::ObjectKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::ObjectRecord;
use crate::events::{Kept, Remains};

/// An object that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptRecord {
    /// The object.
    pub obj: ObjectRecord,
    /// Why it was kept although data was to be deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Data that still lies somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemainsRecord {
    /// The object that named the place.
    pub obj: ObjectRecord,
    /// The place, e.g. `EBS volume vol-0a1b`.
    pub place: String,
}

impl From<&ObjectKey> for KeptRecord {
    fn from(object: &ObjectKey) -> Self {
        Self { obj: object.into(), reason: None }
    }
}

impl From<&Kept> for KeptRecord {
    fn from(kept: &Kept) -> Self {
        Self { obj: (&kept.object).into(), reason: Some(kept.reason.clone()) }
    }
}

impl From<&Remains> for RemainsRecord {
    fn from(remains: &Remains) -> Self {
        Self { obj: (&remains.object).into(), place: remains.place.clone() }
    }
}
