//! How a run ended, for programs.

use cht_k8s::doctor::Finding;
use cht_k8s::{Broken, ClusterError, ComponentHealth, Counts, Failure, Outcome, ProblemCode, StalePlan, Success};
use serde::Serialize;
use serde_json::{Value, json};

use super::health::{reason, state, waiting};
use crate::exit::Exit;

/// What was looked at, with the exit code that every document has.
pub(crate) fn looked(seen: &impl Serialize) -> Value {
    let mut value = json!({ "exit_code": Exit::Ok.code() });
    if let (Some(value), Ok(Value::Object(fields))) = (value.as_object_mut(), serde_json::to_value(seen)) {
        value.extend(fields);
    }
    value
}

/// A component's health.
pub(crate) fn component(component: &ComponentHealth) -> Value {
    let waiting = waiting(&component.health);
    let blocker = waiting.and_then(|waiting| waiting.blocked_by.as_ref());
    let hint = waiting.and_then(|waiting| waiting.hint);
    json!({
        "component": component.component.to_string(),
        "object": component.object.to_string(),
        "state": state(&component.health),
        "reason": reason(&component.health),
        "blocked_by": blocker.map(|blocker| blocker.component.to_string()),
        "code": hint.map(ProblemCode::as_str),
        "hint": hint.map(ProblemCode::hint),
    })
}

/// What is broken.
pub(crate) fn broken(broken: &Broken) -> Value {
    let problem = &broken.problem;
    let logs = broken
        .evidence
        .logs
        .iter()
        .map(|tail| json!({ "container": tail.container, "previous": tail.previous, "lines": tail.lines }));
    json!({
        "component": broken.component.to_string(),
        "code": problem.code.as_str(),
        "message": problem.message,
        "object": problem.object.to_string(),
        "container": problem.container,
        "node": problem.node,
        "exit_code": problem.exit_code,
        "warnings": broken.evidence.warnings,
        "logs": logs.collect::<Vec<_>>(),
        "hint": problem.code.hint(),
    })
}

/// How a run ended.
pub(crate) fn outcome(outcome: &Outcome, exit: Exit) -> Value {
    let Counts { created, changed, unchanged, removed } = outcome.counts;
    let mut value = json!({
        "exit_code": exit.code(),
        "counts": { "created": created, "changed": changed, "unchanged": unchanged, "removed": removed },
        "requests": outcome.requests,
        "duration_seconds": outcome.duration.as_secs_f64(),
    });
    let details = match &outcome.result {
        Ok(Success::Deployed { components, address }) => json!({
            "outcome": "ready",
            "address": address,
            "components": components.iter().map(component).collect::<Vec<_>>(),
        }),
        Ok(Success::Restarted { components }) => json!({
            "outcome": "restarted",
            "components": components.iter().map(component).collect::<Vec<_>>(),
        }),
        Ok(Success::Uninstalled { kept }) => json!({
            "outcome": "uninstalled",
            "kept": kept.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        Ok(Success::DataDeleted { deleted, kept, remains }) => {
            let kept = kept.iter().map(|kept| json!({ "object": kept.object.to_string(), "reason": kept.reason }));
            let remains =
                remains.iter().map(|remains| json!({ "object": remains.object.to_string(), "place": remains.place }));
            json!({
                "outcome": "data-deleted",
                "deleted": deleted.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "kept": kept.collect::<Vec<_>>(),
                "remains": remains.collect::<Vec<_>>(),
            })
        }
        Err(failure) => failure_details(failure),
    };
    if let (Some(value), Value::Object(details)) = (value.as_object_mut(), details) {
        value.extend(details);
    }
    value
}

/// What is not as it was approved.
pub(crate) fn stale_plan(stale: &StalePlan) -> Value {
    let differences = stale
        .differences
        .iter()
        .map(|difference| json!({ "object": difference.object, "reason": difference.reason.to_string() }));
    json!({
        "outcome": "stale-plan",
        "error": stale.to_string(),
        "differences": differences.collect::<Vec<_>>(),
    })
}

/// What the cluster does not accept.
pub(crate) fn refused(errors: &[ClusterError]) -> Value {
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    json!({ "outcome": "refused", "error": errors.join("; "), "refusals": errors })
}

/// What the cluster lacks.
fn preflight(findings: &[Finding]) -> Value {
    let errors: Vec<_> = findings.iter().map(|finding| format!("{}: {}", finding.check, finding.message)).collect();
    json!({ "outcome": "refused", "error": errors.join("; "), "refusals": errors, "findings": findings })
}

fn failure_details(failure: &Failure) -> Value {
    match failure {
        Failure::Preflight(findings) => preflight(findings),
        Failure::Refused(errors) => refused(errors),
        Failure::StalePlan(stale) => stale_plan(stale),
        Failure::NoPlan(error) => json!({ "outcome": "refused", "error": error.to_string() }),
        Failure::Locked(holder) => json!({ "outcome": "locked", "holder": holder.identity }),
        Failure::LockLost(holder) => {
            json!({ "outcome": "lock-lost", "holder": holder.as_ref().map(|holder| &holder.identity) })
        }
        Failure::Cluster(error) => json!({ "outcome": "refused", "error": error.to_string() }),
        Failure::DataSafety(risks) => {
            let risks = risks.iter().map(|risk| {
                json!({
                    "rule": risk.rule.as_str(),
                    "object": risk.object.to_string(),
                    "consequence": risk.consequence,
                    "can_be_allowed": risk.rule.can_be_allowed(),
                })
            });
            json!({ "outcome": "data-safety", "risks": risks.collect::<Vec<_>>() })
        }
        Failure::Workload(all) => {
            json!({ "outcome": "broken", "problems": all.iter().map(broken).collect::<Vec<_>>() })
        }
        Failure::TimedOut(waiting) => {
            json!({ "outcome": "timed-out", "components": waiting.iter().map(component).collect::<Vec<_>>() })
        }
        Failure::StillStopping(pods) => json!({ "outcome": "timed-out", "pods": pods }),
        Failure::StillThere(objects) => {
            let objects: Vec<_> = objects.iter().map(ToString::to_string).collect();
            json!({ "outcome": "timed-out", "objects": objects })
        }
        Failure::CannotRestart(refusal) => json!({ "outcome": "refused", "error": refusal.to_string() }),
        Failure::NotConfirmed(refusal) => json!({ "outcome": "refused", "error": refusal.to_string() }),
        Failure::Interrupted => json!({ "outcome": "interrupted" }),
    }
}
