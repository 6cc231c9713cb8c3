//! How far a Deployment's rollout is.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};

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
    if let Some(message) = condition(deployment, "ReplicaFailure", "True") {
        return Rollout::Forbidden(message.message.clone().unwrap_or_default());
    }
    match condition(deployment, "Progressing", "False") {
        Some(stuck) if stuck.reason.as_deref() == Some("ProgressDeadlineExceeded") => {
            return Rollout::Stuck(stuck.message.clone().unwrap_or_default());
        }
        _ => {}
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

fn condition<'a>(deployment: &'a Deployment, kind: &str, status: &str) -> Option<&'a DeploymentCondition> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind && condition.status == status)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn deployment(status: Value) -> Deployment {
        let value = json!({
            "metadata": { "name": "d", "generation": 2 },
            "spec": { "replicas": 1, "selector": {}, "template": {} },
            "status": status,
        });
        serde_json::from_value(value).expect("a deployment")
    }

    fn shown(status: Value) -> String {
        format!("{:?}", rollout(&deployment(status)))
    }

    #[test]
    fn each_state_of_a_rollout() {
        let done = json!({ "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" });
        let late = json!({ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late" });
        let quota = json!({ "type": "ReplicaFailure", "status": "True", "message": "quota" });
        let states = [
            shown(json!({ "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 })),
            shown(json!({ "observedGeneration": 2 })),
            shown(json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1 })),
            shown(json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1 })),
            shown(json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "conditions": [done] })),
            shown(json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "conditions": [late] })),
            shown(json!({ "observedGeneration": 2, "conditions": [quota] })),
            shown(json!({ "observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 })),
        ];
        insta::assert_snapshot!(states.join("\n"), @r#"
        Waiting("the controller has not seen the change yet")
        Waiting("0 of 1 pods are of the current template")
        Waiting("1 old pods are still there")
        Waiting("0 of 1 pods are available")
        Degraded("0 of 1 pods are available")
        Stuck("late")
        Forbidden("quota")
        Done
        "#);
    }
}
