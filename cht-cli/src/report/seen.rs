//! What one look at a cluster has shown, as a picture has it.

use cht_k8s::{ClaimHealth, ClaimState, ComponentHealth, Health, Status};
use cht_manifests::graph::{Condition, Seen, State};

use super::health;

/// The states of all Deployments and claims.
pub(crate) fn seen(status: &Status) -> Seen {
    Seen {
        at: status.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        deployments: status.components.iter().map(|one| (one.object.name.clone(), deployment(one))).collect(),
        claims: status.claims.iter().map(|one| (one.name.clone(), claim(one))).collect(),
    }
}

fn deployment(component: &ComponentHealth) -> State {
    let condition = match component.health {
        Health::Ready => Condition::Ready,
        Health::Progressing(_) => Condition::Progressing,
        Health::Degraded(_) => Condition::Degraded,
        Health::Failed(_) => Condition::Failed,
    };
    let blocker = health::waiting(&component.health).and_then(|waiting| waiting.blocked_by.as_ref());
    let reason = match blocker {
        // Its reason stands at its own box.
        Some(blocker) => Some(format!("waits for {}", blocker.component)),
        None => component.health.reason().map(ToOwned::to_owned),
    };
    State::of(condition, reason)
}

fn claim(claim: &ClaimHealth) -> State {
    let pending =
        |reason: &str| State { condition: Condition::Progressing, word: "pending", reason: Some(reason.to_owned()) };
    match &claim.state {
        ClaimState::Bound => State { condition: Condition::Ready, word: "bound", reason: None },
        ClaimState::AwaitsPod => pending("it is bound when a pod asks for it"),
        ClaimState::Pending => pending("it has no volume yet"),
        ClaimState::Failed(problem) => State::of(Condition::Failed, Some(problem.message.clone())),
        ClaimState::Missing => State::of(Condition::Unknown, Some("there is no such claim".to_owned())),
    }
}
