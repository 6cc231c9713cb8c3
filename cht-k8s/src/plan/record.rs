//! The written form of a plan.

use cht_manifests::Component;
use serde::{Deserialize, Serialize};

use super::hash::{of_plan, of_superseded};
use super::plan::Plan;
use super::prune::{Fate, Superseded};
use super::step::{Change, FieldChange, Step};
use crate::{Action, FieldConflict};

/// The name of the form that this version writes and reads.
const FORM: &str = "cht.plan/v1";

/// A plan as it is written. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The form's name.
    pub v: String,
    /// What it is done for.
    pub action: Action,
    /// Which instance it is for.
    pub project: String,
    /// The instance's namespace.
    pub namespace: String,
    /// CHT's version.
    pub version: String,
    /// What the plan is known again by.
    pub hash: String,
    /// Each object, in the order in which it would be applied.
    pub steps: Vec<StepRecord>,
    /// What the deploy would do to data.
    pub risks: Vec<RiskRecord>,
    /// What a person should know besides.
    pub notes: Vec<String>,
}

/// One object of a plan, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The object, e.g. `Deployment/cht-api`.
    pub object: String,
    /// What it is a part of.
    pub component: String,
    /// What would happen to it, e.g. `create`; `prune`, `protected` or `not-ours` where it is not wanted any more.
    pub class: String,
    /// What the step is known again by.
    pub hash: String,
    /// What the wanted content is known again by.
    pub wanted: String,
    /// The fields that change.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
    /// The owners of fields that are taken over, or of those that cannot be.
    #[serde(default)]
    pub owners: Vec<FieldConflict>,
    /// Why the object cannot become as wanted, or cannot be tried.
    pub message: Option<String>,
    /// What is down while the object's pods are replaced, where they are.
    pub downtime: Option<String>,
}

/// Something that a plan would do to data, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskRecord {
    /// The rule that it breaks.
    pub rule: String,
    /// The object that holds the data, or decides where it is looked for.
    pub object: String,
    /// What would happen to the data.
    pub consequence: String,
    /// Whether the rule may be lifted by name.
    pub can_be_allowed: bool,
}

/// A text is no plan that could be held to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPlan {
    /// It is no JSON, or of another shape.
    #[error("it is no plan of `cht diff --out`: {0}")]
    Unreadable(String),
    /// It is a plan of another form.
    #[error("it is written as {0:?}, and this version reads {FORM:?}")]
    OtherForm(String),
    /// It is not as it was written.
    #[error("it was changed after it was written: its hash does not fit its steps")]
    Edited,
}

impl PlanRecord {
    /// The plan that a text holds.
    ///
    /// # Errors
    ///
    /// When the text is no plan, one of another form, or was changed after it was written.
    pub fn read(text: &str) -> Result<Self, NotAPlan> {
        let unreadable = |error: serde_json::Error| NotAPlan::Unreadable(error.to_string());
        // The head first: what follows may look different in another form.
        let value: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
        if let Some(form) = value.get("v").and_then(serde_json::Value::as_str).filter(|form| *form != FORM) {
            return Err(NotAPlan::OtherForm(form.to_owned()));
        }
        let record: Self = serde_json::from_value(value).map_err(unreadable)?;
        if of_plan(&record) != record.hash {
            return Err(NotAPlan::Edited);
        }
        Ok(record)
    }
}

impl Plan {
    /// The plan as it is written.
    pub fn record(&self) -> PlanRecord {
        let risks = self.risks().iter().map(|risk| RiskRecord {
            rule: risk.rule.to_string(),
            object: risk.object.to_string(),
            consequence: risk.consequence.clone(),
            can_be_allowed: risk.rule.can_be_allowed(),
        });
        let mut record = PlanRecord {
            v: FORM.to_owned(),
            action: self.action(),
            project: self.project().to_string(),
            namespace: self.namespace().to_string(),
            version: self.version().to_owned(),
            hash: String::new(),
            steps: self.step_records(),
            risks: risks.collect(),
            notes: self.notes().to_vec(),
        };
        record.hash = of_plan(&record);
        record
    }

    /// Each object as it is written: what is wanted, then what is not wanted any more.
    fn step_records(&self) -> Vec<StepRecord> {
        let superseded = self.superseded().iter().map(Superseded::record);
        self.steps().iter().map(Step::record).chain(superseded).collect()
    }
}

impl Superseded {
    fn record(&self) -> StepRecord {
        let message = match &self.fate {
            Fate::Prune { .. } => None,
            Fate::Protected => Some("it holds data, or holds it together, and is kept".to_owned()),
            Fate::NotOurs { reason } => Some((*reason).to_owned()),
        };
        StepRecord {
            object: self.object.to_string(),
            component: Component::Instance.to_string(),
            class: self.fate.as_str().to_owned(),
            hash: of_superseded(self),
            wanted: String::new(),
            changes: Vec::new(),
            owners: Vec::new(),
            message,
            downtime: None,
        }
    }
}

impl Step {
    fn record(&self) -> StepRecord {
        let (owners, message) = match &self.change {
            Change::Adopt { owners, .. } | Change::Conflict { fields: owners } => (owners.clone(), None),
            Change::Immutable { message } | Change::Untried { message } => (Vec::new(), Some(message.clone())),
            Change::Denied { error } => (Vec::new(), Some(error.to_string())),
            Change::Unchanged | Change::Create | Change::Update { .. } | Change::Rerun | Change::Leave => {
                (Vec::new(), None)
            }
        };
        StepRecord {
            object: self.manifest.object.key().to_string(),
            component: self.manifest.component.to_string(),
            class: self.change.as_str().to_owned(),
            hash: self.hash.whole.clone(),
            wanted: self.hash.wanted.clone(),
            changes: self.change.fields().to_vec(),
            owners,
            message,
            downtime: self.restarts.map(|downtime| downtime.as_str().to_owned()),
        }
    }
}
