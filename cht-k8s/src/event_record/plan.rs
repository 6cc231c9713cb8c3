//! What a plan would do, as records tell it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::ObjectRecord;
use crate::events::PlannedStep;
use crate::plan::{Downtime, Fate, Superseded};

/// What is there has been compared with what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanMade {
    /// What the plan is known again by, as in `cht diff -o json`.
    pub hash: String,
    /// How many objects there are of each class.
    pub classes: BTreeMap<String, usize>,
    /// Each object in the order in which it would be applied, then what is not wanted any more.
    pub objects: Vec<PlannedRecord>,
}

/// One object of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedRecord {
    /// The object.
    pub obj: ObjectRecord,
    /// What would happen to it, e.g. `create`. Open: docs/OPERATING.md lists the classes, and later versions may add some.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub class: String,
    /// What people notice while its pods are replaced, where they are, e.g. `instance`. Open: later versions may add some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub downtime: Option<String>,
}

impl PlanMade {
    pub(super) fn new(hash: &str, steps: &[PlannedStep], superseded: &[Superseded]) -> Self {
        let objects: Vec<_> =
            steps.iter().map(PlannedRecord::from).chain(superseded.iter().map(PlannedRecord::from)).collect();
        let mut classes = BTreeMap::new();
        for object in &objects {
            *classes.entry(object.class.clone()).or_default() += 1;
        }
        Self { hash: hash.to_owned(), classes, objects }
    }
}

impl From<&PlannedStep> for PlannedRecord {
    fn from(step: &PlannedStep) -> Self {
        Self {
            obj: ObjectRecord::from(&step.object).of(Some(step.component)).with_uid(step.uid.as_deref()),
            class: step.change.as_str().to_owned(),
            downtime: step.restarts.map(Downtime::as_str).map(str::to_owned),
        }
    }
}

impl From<&Superseded> for PlannedRecord {
    fn from(superseded: &Superseded) -> Self {
        let uid = match &superseded.fate {
            Fate::Prune { uid } => Some(uid.as_str()),
            Fate::Protected | Fate::NotOurs { .. } => None,
        };
        Self {
            obj: ObjectRecord::from(&superseded.object).with_uid(uid),
            class: superseded.fate.as_str().to_owned(),
            downtime: None,
        }
    }
}
