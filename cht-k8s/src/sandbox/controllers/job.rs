//! Runs Jobs to their end.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::{MANAGER, conditions, replica_set};
use crate::sandbox::agenda::Action;
use crate::sandbox::events::{self, Report};
use crate::sandbox::json::{self, items, number, text};
use crate::sandbox::world::{World, owned_by};

const CONTROLLER: &str = "job-controller";

/// How long a Job waits before it tries again, at first.
const FIRST_BACK_OFF: Duration = Duration::from_secs(10);

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(job) = world.store.get(key).cloned() else { return };
    if text(&job, "/metadata/deletionTimestamp").is_some() || is_over(&job) {
        return;
    }
    let uid = text(&job, "/metadata/uid").unwrap_or_default();
    let pods = owned_by(world, Kind::Pod, key.namespace.as_deref(), uid);
    let of_phase = |world: &World, phase: &str| {
        pods.iter()
            .filter_map(|pod| world.store.get(pod))
            .filter(|pod| text(pod, "/status/phase") == Some(phase))
            .cloned()
            .collect::<Vec<_>>()
    };
    let (succeeded, failed) = (of_phase(world, "Succeeded").len(), of_phase(world, "Failed"));
    let restarts: i64 = pods
        .iter()
        .filter_map(|pod| world.store.get(pod))
        .flat_map(|pod| items(pod, "/status/containerStatuses"))
        .filter_map(|status| number(status, "/restartCount"))
        .sum();
    let active = replica_set::active_pods(world, key, &job);
    let limit = number(&job, "/spec/backoffLimit").unwrap_or(6);
    let completions = usize::try_from(number(&job, "/spec/completions").unwrap_or(1)).unwrap_or(1);
    let parallelism = usize::try_from(number(&job, "/spec/parallelism").unwrap_or(1)).unwrap_or(1);
    let failures = i64::try_from(failed.len()).unwrap_or(i64::MAX);

    let mut status = json!({"startTime": text(&job, "/status/startTime").map_or_else(|| world.stamp(), str::to_owned)});
    if succeeded > 0 {
        status["succeeded"] = json!(succeeded);
    }
    if succeeded >= completions {
        status["completionTime"] = json!(world.stamp());
        status["conditions"] = condition(world, "Complete", None);
        events::record(world, key, &Report::normal(CONTROLLER, "Completed", "Job completed"));
    } else if failures > limit || restarts >= limit && restarts > 0 {
        for pod in &active {
            world.delete(pod);
        }
        status["failed"] = json!(failures + i64::from(!active.is_empty()));
        let message = "Job has reached the specified backoff limit";
        status["conditions"] = condition(world, "Failed", Some(("BackoffLimitExceeded", message)));
        events::record(world, key, &Report::warning(CONTROLLER, "BackoffLimitExceeded", message));
    } else {
        if failures > 0 {
            status["failed"] = json!(failures);
        }
        let mut running = active.len();
        match next_try(&failed).filter(|at| *at > world.now) {
            Some(at) => world.agenda.add(at, Action::Reconcile(key.clone())),
            None => {
                while running < parallelism.min(completions - succeeded) {
                    replica_set::create_pod(world, Kind::Job, key, &job);
                    running += 1;
                }
            }
        }
        if running > 0 {
            status["active"] = json!(running);
        }
    }
    world.change(key, MANAGER, |job| json::set(job, &["status"], status));
}

fn is_over(job: &Value) -> bool {
    conditions::holds(job, "Complete") || conditions::holds(job, "Failed")
}

/// When a Job whose pods failed tries again.
fn next_try(failed: &[Value]) -> Option<Timestamp> {
    let last = failed
        .iter()
        .flat_map(|pod| items(pod, "/status/containerStatuses"))
        .filter_map(|status| text(status, "/state/terminated/finishedAt")?.parse::<Timestamp>().ok())
        .max()?;
    let doublings = u32::try_from(failed.len()).unwrap_or(u32::MAX).saturating_sub(1).min(5);
    last.checked_add(FIRST_BACK_OFF * 2_u32.pow(doublings)).ok()
}

fn condition(world: &World, name: &str, why: Option<(&str, &str)>) -> Value {
    let now = world.stamp();
    let mut condition = json!({"type": name, "status": "True", "lastProbeTime": now, "lastTransitionTime": now});
    if let Some((reason, message)) = why {
        condition["reason"] = json!(reason);
        condition["message"] = json!(message);
    }
    json!([condition])
}
