//! How a component is, as records tell it, and what backs it when it has failed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::ObjectRecord;
use crate::{Blocker, Broken, ComponentHealth, Health, LogTail, ProblemCode};

/// How a component is, in a word. Closed: `v1` has no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// Every pod of the current template is available, and it serves.
    Ready,
    /// On its way.
    Progressing,
    /// It was ready, and is not any more.
    Degraded,
    /// Waiting does not mend it.
    Failed,
}

/// A component with its health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentState {
    /// The Deployment that runs it.
    pub obj: ObjectRecord,
    /// How it is.
    pub state: HealthState,
    /// Why it is not ready, in a person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is wrong, or takes longer than it should. Open: docs/OPERATING.md lists the codes, and later versions may add some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub code: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What must get ready first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<BlockerRecord>,
}

/// The component that another waits for, directly or by way of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockerRecord {
    /// That component.
    pub component: String,
    /// Why it is not ready.
    pub reason: String,
}

/// A component that waiting does not mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentFailed {
    /// The object that shows it: a pod, a claim, a Job or a Deployment, with the component.
    pub obj: ObjectRecord,
    /// What is wrong. Open: docs/OPERATING.md lists the codes, and later versions may add some.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub code: String,
    /// What is wrong, in the words of who noticed.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// What backs it.
    pub evidence: EvidenceRecord,
}

/// What a person would otherwise collect by hand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRecord {
    /// The container that has the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The node that the pod is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// How the container ended last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The last warnings about the object, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The container's last lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<LogRecord>,
}

/// The last lines that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogRecord {
    /// The container.
    pub container: String,
    /// Whether they are of the run before the current one.
    pub previous: bool,
    /// The lines.
    pub lines: Vec<String>,
}

impl HealthState {
    /// The state's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Progressing => "progressing",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

impl From<&Health> for HealthState {
    fn from(health: &Health) -> Self {
        match health {
            Health::Ready => Self::Ready,
            Health::Progressing(_) => Self::Progressing,
            Health::Degraded(_) => Self::Degraded,
            Health::Failed(_) => Self::Failed,
        }
    }
}

impl From<&ComponentHealth> for ComponentState {
    fn from(component: &ComponentHealth) -> Self {
        let (code, blocker) = match &component.health {
            Health::Ready => (None, None),
            Health::Progressing(waiting) | Health::Degraded(waiting) => (waiting.hint, waiting.blocked_by.as_ref()),
            Health::Failed(problem) => (Some(problem.code), None),
        };
        Self {
            obj: ObjectRecord::from(&component.object).of(Some(component.component)),
            state: (&component.health).into(),
            reason: component.health.reason().map(str::to_owned),
            code: code.map(|code| code.to_string()),
            hint: code.map(ProblemCode::hint).map(str::to_owned),
            blocked_by: blocker.map(BlockerRecord::from),
        }
    }
}

impl From<&Blocker> for BlockerRecord {
    fn from(blocker: &Blocker) -> Self {
        Self { component: blocker.component.to_string(), reason: blocker.reason.clone() }
    }
}

impl From<&Broken> for ComponentFailed {
    fn from(broken: &Broken) -> Self {
        let problem = &broken.problem;
        Self {
            obj: ObjectRecord::from(&problem.object).of(Some(broken.component)),
            code: problem.code.to_string(),
            reason: problem.message.clone(),
            hint: problem.code.hint().to_owned(),
            evidence: EvidenceRecord {
                container: problem.container.clone(),
                node: problem.node.clone(),
                exit_code: problem.exit_code,
                warnings: broken.evidence.warnings.clone(),
                logs: broken.evidence.logs.iter().map(LogRecord::from).collect(),
            },
        }
    }
}

impl From<&LogTail> for LogRecord {
    fn from(tail: &LogTail) -> Self {
        Self { container: tail.container.clone(), previous: tail.previous, lines: tail.lines.clone() }
    }
}
