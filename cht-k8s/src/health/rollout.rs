//! How far a Deployment's rollout is.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, ReplicaSet};
use k8s_openapi::jiff::Timestamp;

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rollout {
    /// Every pod is of the current template and available, and no other is left.
    Done,
    /// Not yet: what is missing.
    Waiting(String),
    /// It was done, and pods have become unavailable since.
    Degraded(String),
    /// It made no progress within its deadline.
    Stuck(String),
    /// Pods cannot be made.
    Forbidden(String),
}

pub(super) fn rollout(deployment: &Deployment) -> Rollout {
    let status = deployment.status.clone().unwrap_or_default();
    if status.observed_generation < deployment.metadata.generation {
        return Rollout::Waiting("the controller has not seen the change yet".to_owned());
    }
    let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let updated = status.updated_replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(0);
    let all = status.replicas.unwrap_or(0);

    if updated >= wanted && all <= updated && available >= updated {
        return Rollout::Done;
    }
    let failure = condition(deployment, "ReplicaFailure", "True").and_then(|failure| failure.message.clone());
    if let Some(message) = failure.clone().filter(|message| is_refusal(message)) {
        return Rollout::Forbidden(message);
    }
    if let Some(stuck) = late(deployment) {
        return Rollout::Stuck(stuck.message.clone().unwrap_or_default());
    }
    if let Some(message) = failure {
        return Rollout::Waiting(message);
    }
    if updated < wanted {
        return Rollout::Waiting(format!("{updated} of {wanted} pods are of the current template"));
    }
    if all > updated {
        return Rollout::Waiting(format!("{} old pods are still there", all - updated));
    }
    let missing = format!("{available} of {wanted} pods are available");
    let was_done = condition(deployment, "Progressing", "True")
        .is_some_and(|done| done.reason.as_deref() == Some("NewReplicaSetAvailable"));
    if was_done { Rollout::Degraded(missing) } else { Rollout::Waiting(missing) }
}

/// What says that a rollout made no progress within its deadline.
pub(super) fn late(deployment: &Deployment) -> Option<&DeploymentCondition> {
    condition(deployment, "Progressing", "False")
        .filter(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded"))
}

/// When a condition was written last.
pub(super) fn said_at(condition: &DeploymentCondition) -> Option<Timestamp> {
    condition.last_update_time.as_ref().map(|time| time.0)
}

/// Since when a Deployment is available.
pub(super) fn available_since(deployment: &Deployment) -> Option<Timestamp> {
    condition(deployment, "Available", "True")?.last_transition_time.as_ref().map(|time| time.0)
}

/// Why a `ReplicaSet`'s pods cannot be made.
pub(super) fn refusal(set: &ReplicaSet) -> Option<&str> {
    let conditions = set.status.as_ref()?.conditions.as_ref()?;
    let failure = conditions.iter().find(|one| one.type_ == "ReplicaFailure" && one.status == "True")?;
    failure.message.as_deref().filter(|message| is_refusal(message))
}

/// Whether the server refuses pods for good. A new namespace has no account for them for a moment, and webhooks have
/// moments without an answer.
fn is_refusal(message: &str) -> bool {
    const FOR_GOOD: [&str; 3] = ["forbidden", "denied", "is invalid"];
    !message.contains("error looking up service account") && FOR_GOOD.iter().any(|word| message.contains(word))
}

fn condition<'a>(deployment: &'a Deployment, kind: &str, status: &str) -> Option<&'a DeploymentCondition> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind && condition.status == status)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn deployment(status: &Value) -> Deployment {
        let value = json!({
            "metadata": { "name": "d", "generation": 2 },
            "spec": { "replicas": 1, "selector": {}, "template": {} },
            "status": status,
        });
        serde_json::from_value(value).expect("a deployment")
    }

    fn shown(status: &Value) -> String {
        format!("{:?}", rollout(&deployment(status)))
    }

    #[test]
    fn each_state_of_a_rollout() {
        let done = json!({ "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" });
        let late = json!({ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late" });
        let failure = |message: &str| json!({ "type": "ReplicaFailure", "status": "True", "message": message });
        let quota = failure("pods \"d-1\" is forbidden: exceeded quota: small");
        let invalid = failure("Pod \"d-1\" is invalid: spec.hostname: Invalid value");
        let webhook = failure("admission webhook \"policy\" denied the request: no root");
        let new_namespace = failure(
            "pods \"d-1\" is forbidden: error looking up service account ns/default: serviceaccount \"default\" not found",
        );
        let slow_webhook =
            failure("Internal error occurred: failed calling webhook \"policy\": context deadline exceeded");
        let states = [
            shown(&json!({ "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 })),
            shown(&json!({ "observedGeneration": 2 })),
            shown(&json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1 })),
            shown(&json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1 })),
            shown(&json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "conditions": [done] })),
            shown(&json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "conditions": [late] })),
            shown(&json!({ "observedGeneration": 2, "conditions": [quota] })),
            shown(&json!({ "observedGeneration": 2, "conditions": [invalid] })),
            shown(&json!({ "observedGeneration": 2, "conditions": [webhook] })),
            shown(&json!({ "observedGeneration": 2, "conditions": [new_namespace] })),
            shown(&json!({ "observedGeneration": 2, "conditions": [slow_webhook] })),
            shown(&json!({ "observedGeneration": 2, "conditions": [slow_webhook, late] })),
            shown(&json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 })),
        ];
        insta::assert_snapshot!(states.join("\n"), @r#"
        Waiting("the controller has not seen the change yet")
        Waiting("0 of 1 pods are of the current template")
        Waiting("1 old pods are still there")
        Waiting("0 of 1 pods are available")
        Degraded("0 of 1 pods are available")
        Stuck("late")
        Forbidden("pods \"d-1\" is forbidden: exceeded quota: small")
        Forbidden("Pod \"d-1\" is invalid: spec.hostname: Invalid value")
        Forbidden("admission webhook \"policy\" denied the request: no root")
        Waiting("pods \"d-1\" is forbidden: error looking up service account ns/default: serviceaccount \"default\" not found")
        Waiting("Internal error occurred: failed calling webhook \"policy\": context deadline exceeded")
        Stuck("late")
        Done
        "#);
    }
}
