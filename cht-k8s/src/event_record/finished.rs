//! How a run ended, as its last record tells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::component::{ComponentFailed, ComponentState};
use super::deletion::{KeptRecord, RemainsRecord};
use super::happening::HolderRecord;
use super::object::ObjectRecord;
use super::values::ValueProblem;
use crate::doctor::Finding;
use crate::events::{Counts, Failure, Outcome, Success};
use crate::plan::{DataRisk, PlanDifference, StalePlan};
use crate::{ClusterError, ComponentHealth};

/// The run is over. It is the last record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RunFinished {
    /// As the process ends. The command puts it in; a run that another program has started has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// What came of it: `ready`, `restarted`, `uninstalled`, `data-deleted`, `broken`, `timed-out`, `data-safety`, `refused`, `stale-plan`, `locked`,
    /// `lock-lost`, `interrupted`, `fault`. Open: later versions may add some; the exit code says what a script needs.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub outcome: String,
    /// How many objects were new, changed, unchanged, removed.
    pub counts: Counts,
    /// How many requests were made.
    pub requests: u64,
    /// How long it took, by the cluster's clock.
    pub duration_seconds: f64,
    /// The address that people open, when the instance is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Every component when the instance is ready, or those that were restarted; when time was up, those that were not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<ComponentState>,
    /// What an uninstall has kept of what holds data, or holds it together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptRecord>,
    /// What of that it has deleted, because it was told to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<ObjectRecord>,
    /// Where data still lies after that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remains: Vec<RemainsRecord>,
    /// What is broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ComponentFailed>,
    /// Why the run was refused, or could not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Why objects cannot become as wanted, for each of them; or what the cluster lacks, each with its check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<String>,
    /// What would have happened to data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<DataRiskRecord>,
    /// What is not as it was approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceRecord>,
    /// What is wrong with the values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub value_problems: Vec<ValueProblem>,
    /// The run that holds the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<HolderRecord>,
    /// The pods that had not stopped when time was up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pods: Vec<String>,
    /// The objects that were being deleted and not gone when time was up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectRecord>,
}

/// Something that a run would have done to data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataRiskRecord {
    /// The rule that it breaks, as `--allow` takes it. Open: docs/OPERATING.md lists the rules, and later versions may add some.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub rule: String,
    /// The object that holds the data, or decides where it is looked for.
    pub obj: ObjectRecord,
    /// What would have happened to the data.
    pub consequence: String,
    /// Whether the rule may be lifted by name.
    pub can_be_allowed: bool,
}

/// One object that is not as it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceRecord {
    /// The object as the plan names it, e.g. `Deployment/cht-api`; the instance, where the plan is of another one.
    pub object: String,
    /// What differs, in words.
    pub reason: String,
}

impl RunFinished {
    /// The end of a run that came to nothing before there was anything to count.
    pub fn early(outcome: &str) -> Self {
        Self { outcome: outcome.to_owned(), ..Self::default() }
    }

    /// A plan that was approved, and does not hold any more.
    pub fn stale(plan: &StalePlan) -> Self {
        Self {
            error: Some(plan.to_string()),
            differences: plan.differences.iter().map(DifferenceRecord::from).collect(),
            ..Self::early("stale-plan")
        }
    }

    fn refused(error: &dyn std::error::Error) -> Self {
        Self { error: Some(error.to_string()), ..Self::early("refused") }
    }

    fn refused_objects(errors: &[ClusterError]) -> Self {
        let refusals: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Self { error: Some(refusals.join("; ")), refusals, ..Self::early("refused") }
    }

    /// A cluster that is not what a deploy needs.
    fn unfit(findings: &[Finding]) -> Self {
        let refusals: Vec<_> =
            findings.iter().map(|finding| format!("{}: {}", finding.check, finding.message)).collect();
        let hints: Vec<_> = findings.iter().filter_map(|finding| finding.hint.clone()).collect();
        let hint = Some(hints.join("; ")).filter(|hint| !hint.is_empty());
        Self { error: Some(refusals.join("; ")), hint, refusals, ..Self::early("refused") }
    }

    fn succeeded(success: &Success) -> Self {
        match success {
            Success::Deployed { components, address } => {
                Self { address: Some(address.clone()), components: states(components), ..Self::early("ready") }
            }
            Success::Restarted { components } => Self { components: states(components), ..Self::early("restarted") },
            Success::Uninstalled { kept } => {
                Self { kept: kept.iter().map(KeptRecord::from).collect(), ..Self::early("uninstalled") }
            }
            Success::DataDeleted { deleted, kept, remains } => Self {
                deleted: deleted.iter().map(ObjectRecord::from).collect(),
                kept: kept.iter().map(KeptRecord::from).collect(),
                remains: remains.iter().map(RemainsRecord::from).collect(),
                ..Self::early("data-deleted")
            },
        }
    }

    fn failed(failure: &Failure) -> Self {
        match failure {
            Failure::DataSafety(risks) => {
                Self { risks: risks.iter().map(DataRiskRecord::from).collect(), ..Self::early("data-safety") }
            }
            Failure::Preflight(findings) => Self::unfit(findings),
            Failure::Refused(errors) => Self::refused_objects(errors),
            Failure::Locked(holder) => Self { holder: Some(holder.into()), ..Self::early("locked") },
            Failure::LockLost(holder) => {
                Self { holder: holder.as_ref().map(HolderRecord::from), ..Self::early("lock-lost") }
            }
            Failure::StalePlan(stale) => Self::stale(stale),
            Failure::NoPlan(error) => Self::refused(error),
            Failure::Cluster(error) => Self::refused(error),
            Failure::Workload(broken) => {
                Self { problems: broken.iter().map(ComponentFailed::from).collect(), ..Self::early("broken") }
            }
            Failure::TimedOut(waiting) => Self { components: states(waiting), ..Self::early("timed-out") },
            Failure::StillStopping(pods) => Self { pods: pods.iter().cloned().collect(), ..Self::early("timed-out") },
            Failure::StillThere(objects) => {
                Self { objects: objects.iter().map(ObjectRecord::from).collect(), ..Self::early("timed-out") }
            }
            Failure::NotConfirmed(refusal) => Self::refused(refusal),
            Failure::CannotRestart(refusal) => Self::refused(refusal),
            Failure::Interrupted => Self::early("interrupted"),
        }
    }
}

impl From<&Outcome> for RunFinished {
    fn from(outcome: &Outcome) -> Self {
        let end = match &outcome.result {
            Ok(success) => Self::succeeded(success),
            Err(failure) => Self::failed(failure),
        };
        Self {
            counts: outcome.counts,
            requests: outcome.requests,
            duration_seconds: outcome.duration.as_secs_f64(),
            ..end
        }
    }
}

impl From<&DataRisk> for DataRiskRecord {
    fn from(risk: &DataRisk) -> Self {
        Self {
            rule: risk.rule.to_string(),
            obj: (&risk.object).into(),
            consequence: risk.consequence.clone(),
            can_be_allowed: risk.rule.can_be_allowed(),
        }
    }
}

impl From<&PlanDifference> for DifferenceRecord {
    fn from(difference: &PlanDifference) -> Self {
        Self { object: difference.object.clone(), reason: difference.reason.to_string() }
    }
}

fn states(components: &[ComponentHealth]) -> Vec<ComponentState> {
    components.iter().map(ComponentState::from).collect()
}
