//! Holds a plan to what was approved: the same is done to the same objects, or nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::plan::Plan;
use super::record::{PlanRecord, StepRecord};
use crate::Action;

/// A plan that was approved does not hold any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan does not hold any more: {}", objects(.differences))]
pub struct StalePlan {
    /// The objects whose steps are others now.
    pub differences: Vec<PlanDifference>,
}

/// One object whose step is not the one that was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanDifference {
    /// The object, e.g. `Deployment/cht-api`; the instance, where the plan is of another one.
    pub object: String,
    /// What differs.
    pub reason: Staleness,
}

/// What differs between a step that was approved and the one that would be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staleness {
    /// The plan is of another instance.
    OtherInstance {
        /// Of which.
        planned: String,
    },
    /// The plan is for something else.
    OtherAction {
        /// For what.
        planned: Action,
    },
    /// Something else would happen to the object.
    Class {
        /// What was approved.
        planned: String,
        /// What would happen now.
        now: String,
    },
    /// The object would get other content.
    Wanted,
    /// The live object is another, or other fields of it would change.
    Live,
    /// The object was not in the plan.
    Added,
    /// The object is wanted no more.
    Dropped,
}

fn objects(differences: &[PlanDifference]) -> String {
    let all: Vec<_> = differences.iter().map(ToString::to_string).collect();
    all.join("; ")
}

impl fmt::Display for PlanDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.object, self.reason)
    }
}

impl fmt::Display for Staleness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherInstance { planned } => write!(f, "is not what was planned for, which is {planned}"),
            Self::OtherAction { planned } => write!(f, "is not what was planned for, which is {planned}"),
            Self::Class { planned, now } => write!(f, "was planned as {planned:?} and is now {now:?}"),
            Self::Wanted => f.write_str("would get other content"),
            Self::Live => f.write_str("is not as it was in the cluster"),
            Self::Added => f.write_str("is not in the plan"),
            Self::Dropped => f.write_str("is in the plan, and wanted no more"),
        }
    }
}

impl PlanRecord {
    /// What differs between what was approved and what a plan would do.
    fn differences(&self, plan: &Self) -> Vec<PlanDifference> {
        let instance = |record: &Self| format!("{} in namespace {}", record.project, record.namespace);
        if instance(self) != instance(plan) {
            let reason = Staleness::OtherInstance { planned: instance(self) };
            return vec![PlanDifference { object: instance(plan), reason }];
        }
        if self.action != plan.action {
            let reason = Staleness::OtherAction { planned: self.action };
            return vec![PlanDifference { object: plan.action.to_string(), reason }];
        }
        let by_object = |record: &Self| -> BTreeMap<String, StepRecord> {
            record.steps.iter().map(|step| (step.object.clone(), step.clone())).collect()
        };
        let (approved, now) = (by_object(self), by_object(plan));
        let dropped =
            approved.keys().filter(|object| !now.contains_key(*object)).map(|object| (object, Staleness::Dropped));
        let others = now.iter().filter_map(|(object, now)| Some((object, staleness(approved.get(object), now)?)));
        let differences = dropped.chain(others);
        differences.map(|(object, reason)| PlanDifference { object: object.clone(), reason }).collect()
    }
}

fn staleness(approved: Option<&StepRecord>, now: &StepRecord) -> Option<Staleness> {
    match approved {
        None => Some(Staleness::Added),
        Some(approved) if approved.hash == now.hash => None,
        Some(approved) if approved.class != now.class => {
            Some(Staleness::Class { planned: approved.class.clone(), now: now.class.clone() })
        }
        Some(approved) if approved.wanted != now.wanted => Some(Staleness::Wanted),
        Some(_) => Some(Staleness::Live),
    }
}

impl Plan {
    /// This plan, if it would do what was approved. It is held to that when it is made [`again`](Self::again), too.
    ///
    /// # Errors
    ///
    /// When it would do something else, by the hash.
    pub fn approved(mut self, record: PlanRecord) -> Result<Self, StalePlan> {
        if self.hash() != record.hash {
            return Err(StalePlan { differences: record.differences(&self.record()) });
        }
        self.approved = Some(Box::new(record));
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
