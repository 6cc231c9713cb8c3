//! A pod: where it is, how its containers are, and what it lacks.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;

use super::component::Surroundings;

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedPod {
    /// The pod.
    pub pod: String,
    /// `Running`, `Pending`, `Terminating`, or why it is over, e.g. `Evicted`.
    pub phase: String,
    /// The node that it is on.
    pub node: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Since when it has been there.
    pub started: Option<Timestamp>,
    /// Its containers, in the order in which they start.
    pub containers: Vec<DescribedContainer>,
    /// The conditions that it does not meet.
    pub unmet: Vec<Condition>,
}

/// How a container of a pod is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedContainer {
    /// The container.
    pub container: String,
    /// `running`, `ended`, or why it waits, e.g. `CrashLoopBackOff`.
    pub state: String,
    /// More about that.
    pub message: String,
    /// Since when it runs.
    pub since: Option<Timestamp>,
    /// Whether it is ready.
    pub is_ready: bool,
    /// How often it was started again.
    pub restarts: i32,
    /// How it ended last.
    pub last_end: Option<LastEnd>,
}

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastEnd {
    /// Its exit code.
    pub exit_code: i32,
    /// Why, e.g. `OOMKilled`.
    pub reason: String,
    /// When.
    pub at: Option<Timestamp>,
}

/// A condition that is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Which.
    pub condition: String,
    /// Why not.
    pub message: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

impl DescribedPod {
    pub(super) fn of(pod: &Pod, around: &Surroundings<'_>) -> Self {
        let status = pod.status.clone().unwrap_or_default();
        let is_leaving = pod.metadata.deletion_timestamp.is_some();
        let phase = if is_leaving { Some("Terminating".to_owned()) } else { status.reason.or(status.phase) };
        let statuses =
            status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
        let unmet = status.conditions.iter().flatten().filter(|condition| condition.status != "True");
        Self {
            pod: pod.metadata.name.clone().unwrap_or_default(),
            phase: phase.unwrap_or_default(),
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            address: status.pod_ip,
            started: status.start_time.map(|time| time.0),
            containers: statuses.map(|status| DescribedContainer::of(status, around)).collect(),
            unmet: unmet
                .map(|condition| {
                    let reason = condition.reason.clone().unwrap_or_default();
                    let said = condition.message.as_deref().filter(|message| !message.is_empty());
                    Condition {
                        condition: condition.type_.clone(),
                        message: said.map_or(reason, |message| around.safe(message)),
                        since: condition.last_transition_time.as_ref().map(|time| time.0),
                    }
                })
                .collect(),
        }
    }
}

impl DescribedContainer {
    fn of(status: &ContainerStatus, around: &Surroundings<'_>) -> Self {
        let state = status.state.clone().unwrap_or_default();
        let ended = |state: &Option<ContainerState>| state.as_ref().and_then(|state| state.terminated.clone());
        let waiting = state.waiting.unwrap_or_default();
        let (name, message) = match (&state.running, &state.terminated) {
            (Some(_), _) => ("running".to_owned(), String::new()),
            (_, Some(ended)) => ("ended".to_owned(), around.written(ended.message.as_deref().unwrap_or_default())),
            _ => (
                waiting.reason.unwrap_or_else(|| "waiting".to_owned()),
                around.safe(waiting.message.as_deref().unwrap_or_default()),
            ),
        };
        Self {
            container: status.name.clone(),
            state: name,
            message,
            since: state.running.and_then(|running| running.started_at).map(|time| time.0),
            is_ready: status.ready,
            restarts: status.restart_count,
            last_end: ended(&status.state).or_else(|| ended(&status.last_state)).map(LastEnd::of),
        }
    }
}

impl LastEnd {
    fn of(end: ContainerStateTerminated) -> Self {
        let at = end.finished_at.map(|time| time.0);
        Self { exit_code: end.exit_code, reason: end.reason.unwrap_or_default(), at }
    }
}
