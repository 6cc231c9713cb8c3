//! Whether a claim has its volume, or waits for good reason.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim};

use super::problem::{Problem, ProblemCode};
use super::view::{View, uid};

/// Events by which the controllers say that a claim cannot bind as things are.
const FINAL: [&str; 2] = ["FailedBinding", "VolumeMismatch"];
/// A provisioner tries again after failures that pass, e.g. a cloud's limits.
const PROVISIONING_TRIES: i32 = 3;

/// Whether a claim is bound, or is to be bound when a pod asks for it.
pub(crate) fn is_settled(view: &View, claim: &PersistentVolumeClaim) -> bool {
    let bound = claim.status.as_ref().is_some_and(|status| status.phase.as_deref() == Some("Bound"));
    let waits = |event: &&Event| event.reason.as_deref() == Some("WaitForFirstConsumer");
    bound || view.events_of(uid(&claim.metadata)).iter().any(waits)
}

/// What keeps a claim from being bound, where waiting does not mend it.
pub(crate) fn problem(view: &View, claim: &PersistentVolumeClaim, namespace: &str) -> Option<Problem> {
    let name = claim.metadata.name.as_deref().unwrap_or_default();
    let object = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, name);
    let problem = |code, message: String| Problem {
        code,
        object: object.clone(),
        container: None,
        node: None,
        exit_code: None,
        message,
    };
    match claim.status.as_ref().and_then(|status| status.phase.as_deref()) {
        Some("Bound") => None,
        Some("Lost") => Some(problem(ProblemCode::ClaimLost, format!("claim {name} has lost its volume"))),
        _ => {
            let events = view.events_in_run(uid(&claim.metadata));
            let event = events.into_iter().rev().find(|event| is_final(view, event))?;
            let message = event.message.clone().unwrap_or_default();
            Some(problem(ProblemCode::ClaimPending, format!("claim {name} cannot be bound: {message}")))
        }
    }
}

fn is_final(view: &View, event: &Event) -> bool {
    match event.reason.as_deref() {
        Some(reason) if FINAL.contains(&reason) => true,
        Some("ProvisioningFailed") => {
            let missing_class = event.message.as_deref().is_some_and(|message| message.contains("not found"));
            missing_class || view.count_in_run(event) >= PROVISIONING_TRIES
        }
        _ => false,
    }
}
