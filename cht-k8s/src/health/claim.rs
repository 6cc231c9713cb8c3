//! Whether a claim has its volume, or waits for good reason.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim};

use super::problem::{Problem, ProblemCode};
use super::view::{View, uid};
use crate::redact::Redactor;

/// Events by which the controllers say that a claim cannot bind as things are.
const FINAL: [&str; 2] = ["FailedBinding", "VolumeMismatch"];
/// A provisioner tries again after failures that pass, e.g. a cloud's limits.
const PROVISIONING_TRIES: i32 = 3;

/// A claim with whether it has its volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimHealth {
    /// The claim's name.
    pub name: String,
    /// How it is.
    pub state: ClaimState,
}

/// Whether a claim has its volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimState {
    /// It has.
    Bound,
    /// It is to be bound when a pod asks for it.
    AwaitsPod,
    /// Not yet.
    Pending,
    /// It will not have one as things are.
    Failed(Box<Problem>),
    /// There is no such claim.
    Missing,
}

impl ClaimHealth {
    /// How the claim of this name is.
    pub(crate) fn of(view: &View, name: &str, namespace: &str) -> Self {
        let state = match view.claims.get(name) {
            None => ClaimState::Missing,
            Some(claim) => match problem(view, claim, namespace) {
                Some(problem) => ClaimState::Failed(Box::new(problem)),
                None if is_bound(claim) => ClaimState::Bound,
                None if is_settled(view, claim) => ClaimState::AwaitsPod,
                None => ClaimState::Pending,
            },
        };
        Self { name: name.to_owned(), state }
    }

    /// The same without secrets in what the controllers say.
    pub(crate) fn redacted(mut self, redactor: &Redactor) -> Self {
        if let ClaimState::Failed(problem) = &mut self.state {
            **problem = problem.redacted(redactor);
        }
        self
    }
}

/// Whether a claim is bound, or is to be bound when a pod asks for it.
pub(crate) fn is_settled(view: &View, claim: &PersistentVolumeClaim) -> bool {
    let waits = |event: &&Event| event.reason.as_deref() == Some("WaitForFirstConsumer");
    is_bound(claim) || view.events_of(uid(&claim.metadata)).iter().any(waits)
}

fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    claim.status.as_ref().is_some_and(|status| status.phase.as_deref() == Some("Bound"))
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::LiveObject;
    use crate::health::testing::*;

    fn claim(status: &Value) -> LiveObject {
        object(Kind::PersistentVolumeClaim, "couchdb-claim0", &json!({ "status": status }))
    }

    fn pending() -> LiveObject {
        claim(&json!({ "phase": "Pending" }))
    }

    fn said(reason: &str, message: &str, count: i32) -> LiveObject {
        warning(reason, &pending(), reason, message, count)
    }

    fn found(view: &View) -> Option<Problem> {
        problem(view, &view.claims["couchdb-claim0"], NAMESPACE)
    }

    #[test]
    fn a_claim_that_is_bound_has_no_problem_whatever_was_said() {
        let bound = claim(&json!({ "phase": "Bound" }));
        assert_eq!(found(&view(&[bound, said("FailedBinding", "no persistent volumes available", 9)])), None);
    }

    fn state(objects: &[LiveObject]) -> ClaimState {
        ClaimHealth::of(&view(objects), "couchdb-claim0", NAMESPACE).state
    }

    #[test]
    fn a_claims_state_tells_who_is_waited_for() {
        assert_eq!(state(&[]), ClaimState::Missing);
        assert_eq!(state(&[claim(&json!({ "phase": "Bound" }))]), ClaimState::Bound);
        assert_eq!(state(&[pending()]), ClaimState::Pending);
        assert_eq!(state(&[pending(), said("WaitForFirstConsumer", "waiting for a pod", 1)]), ClaimState::AwaitsPod);
        let ClaimState::Failed(problem) = state(&[claim(&json!({ "phase": "Lost" }))]) else { panic!("it is lost") };
        assert_eq!(problem.code, ProblemCode::ClaimLost);
    }

    #[test]
    fn a_claim_that_has_lost_its_volume_shows_at_once() {
        let problem = found(&view(&[claim(&json!({ "phase": "Lost" }))])).expect("lost");
        assert_eq!(problem.code, ProblemCode::ClaimLost);
        assert_eq!(problem.object, ObjectKey::new(Kind::PersistentVolumeClaim, NAMESPACE, "couchdb-claim0"));
    }

    #[test]
    fn a_claim_that_waits_for_good_reason_has_no_problem() {
        assert_eq!(found(&view(&[pending()])), None);
        assert_eq!(found(&view(&[claim(&json!({}))])), None);
        for reason in ["WaitForFirstConsumer", "ExternalProvisioning", "Provisioning"] {
            assert_eq!(found(&view(&[pending(), said(reason, "waiting", 9)])), None, "{reason}");
        }
    }

    #[test]
    fn what_the_controllers_say_for_good_shows_at_once() {
        for (reason, message) in [
            ("FailedBinding", "no persistent volumes available for this claim and no storage class is set"),
            ("VolumeMismatch", "Cannot bind to requested volume \"v\": storageClassName does not match"),
            ("ProvisioningFailed", "storageclass.storage.k8s.io \"gp9\" not found"),
        ] {
            let problem = found(&view(&[pending(), said(reason, message, 1)])).expect(reason);
            assert_eq!(problem.code, ProblemCode::ClaimPending);
            assert_eq!(problem.message, format!("claim couchdb-claim0 cannot be bound: {message}"));
        }
    }

    #[test]
    fn a_provisioner_may_fail_twice() {
        let failed = |count| said("ProvisioningFailed", "rate limit exceeded", count);
        assert_eq!(found(&view(&[pending(), failed(2)])), None);
        assert!(found(&view(&[pending(), failed(3)])).is_some());
    }

    #[test]
    fn what_was_said_before_this_run_is_not_its_problem() {
        let mut view = begun_with(&[pending(), said("FailedBinding", "none", 7)]);
        assert_eq!(found(&view), None);
        happen(&mut view, &[said("FailedBinding", "none", 8)]);
        assert!(found(&view).is_some());
    }

    #[test]
    fn a_claim_is_settled_when_bound_or_waiting_for_its_pod() {
        let settled = |objects: &[LiveObject]| {
            let view = view(objects);
            is_settled(&view, &view.claims["couchdb-claim0"])
        };
        assert!(settled(&[claim(&json!({ "phase": "Bound" }))]));
        assert!(settled(&[pending(), said("WaitForFirstConsumer", "waiting", 1)]));
        assert!(!settled(&[pending()]));
        assert!(!settled(&[pending(), said("ExternalProvisioning", "waiting", 1)]));
    }
}
