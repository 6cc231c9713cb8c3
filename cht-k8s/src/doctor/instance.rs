//! What was deployed: how it is, and what was done to it.

use cht_model::Instance;
use k8s_openapi::jiff::Timestamp;

use super::check::Check;
use super::finding::Finding;
use super::look::Answer;
use crate::lock::{LockHolder, held_by, lease_key};
use crate::retry::reaching;
use crate::{Cluster, Drift, DriftError, Health, RecordError, RevisionOutcome, RevisionSummary, Status};

/// What is known of an instance.
pub(super) struct Known {
    pub(super) revisions: Result<Vec<RevisionSummary>, RecordError>,
    pub(super) status: Answer<Status>,
    /// Who holds the lock, and whether it has run out.
    pub(super) lock: Answer<Option<(LockHolder, bool)>>,
    pub(super) drift: Result<Drift, DriftError>,
}

/// Who holds the lock of an instance.
pub(super) async fn lock(
    cluster: &dyn Cluster,
    instance: &Instance,
    now: Timestamp,
) -> Answer<Option<(LockHolder, bool)>> {
    let key = lease_key(instance.namespace().as_str(), instance.project().as_str());
    let live = reaching(&*cluster.clock(), || cluster.get(&key)).await?;
    live.map_or(Ok(None), |live| held_by(&live, now))
}

/// What is wrong with an instance.
pub(super) fn judge(known: &Known) -> Vec<Finding> {
    let newest = match &known.revisions {
        Ok(revisions) => revisions.last(),
        Err(RecordError::Cluster(error)) => return vec![Finding::unanswered(Check::InstanceDeployed, error)],
        Err(error) => {
            let hint = "the next deploy writes its records anew; look at the ConfigMap before that";
            return vec![Finding::warning(Check::InstanceRevision, error.to_string(), hint)];
        }
    };
    let runs = known.status.as_ref().is_ok_and(|status| status.components.iter().any(|one| one.health.is_ready()));
    let Some(newest) = newest else {
        return vec![if runs {
            Finding::warning(
                Check::InstanceDeployed,
                "the instance runs, and another tool has deployed it",
                "`cht diff` shows what taking it over would change; `cht deploy` takes it over",
            )
        } else {
            Finding::unknown(Check::InstanceDeployed, "the instance is not deployed yet (--pre leaves its checks out)")
        }];
    };
    if newest.action == crate::Action::Uninstall {
        return vec![Finding::unknown(
            Check::InstanceDeployed,
            format!("the instance was uninstalled by revision {}", newest.number),
        )];
    }
    let deployed = format!("revision {} ({}, CHT {}) is there", newest.number, newest.action, newest.version);
    let mut findings = vec![Finding::ok(Check::InstanceDeployed, deployed)];
    findings.extend(health(&known.status));
    findings.push(held(&known.lock));
    findings.push(revision(newest, matches!(known.lock, Ok(Some((_, false))))));
    findings.push(drifted(&known.drift));
    findings
}

fn health(status: &Answer<Status>) -> Vec<Finding> {
    let check = Check::InstanceHealth;
    let status = match status {
        Ok(status) => status,
        Err(error) => return vec![Finding::unanswered(check, error)],
    };
    let hint = "`cht status` shows it with evidence";
    let not_ready = status.components.iter().filter_map(|component| {
        let name = component.component;
        match &component.health {
            Health::Ready => None,
            Health::Progressing(waiting) => {
                Some(Finding::warning(check, format!("{name} is not ready yet: {}", waiting.reason), hint))
            }
            Health::Degraded(waiting) => {
                Some(Finding::fatal(check, format!("{name} is degraded: {}", waiting.reason), hint))
            }
            Health::Failed(problem) => {
                let hint = format!("{}; {hint}", problem.code.hint());
                Some(Finding::fatal(check, format!("{name} is broken: {}", problem.message), hint))
            }
        }
    });
    let not_ready: Vec<_> = not_ready.collect();
    if not_ready.is_empty() {
        return vec![Finding::ok(check, format!("all {} components are ready", status.components.len()))];
    }
    not_ready
}

fn held(lock: &Answer<Option<(LockHolder, bool)>>) -> Finding {
    let check = Check::InstanceLock;
    match lock {
        Err(error) => Finding::unanswered(check, error),
        Ok(None) => Finding::ok(check, "no run holds the lock"),
        Ok(Some((holder, true))) => {
            Finding::ok(check, format!("the lock of {holder} has run out: the next run takes it over"))
        }
        Ok(Some((holder, false))) => Finding::warning(
            check,
            format!("a run holds the lock: {holder}"),
            "wait for that run to end; what is found meanwhile may be on its way",
        ),
    }
}

fn revision(newest: &RevisionSummary, is_running: bool) -> Finding {
    let (check, number) = (Check::InstanceRevision, newest.number);
    let again = "run the same deploy again: it goes on where that one was; `cht rollback` goes back instead";
    match &newest.outcome {
        RevisionOutcome::Done => Finding::ok(check, format!("revision {number} came to its end")),
        RevisionOutcome::Applying if is_running => Finding::ok(check, format!("revision {number} is being applied")),
        RevisionOutcome::Applying | RevisionOutcome::Interrupted => {
            Finding::warning(check, format!("revision {number} was interrupted"), again)
        }
        outcome @ RevisionOutcome::Failed { .. } => {
            Finding::warning(check, format!("revision {number}: {outcome}"), again)
        }
    }
}

fn drifted(drift: &Result<Drift, DriftError>) -> Finding {
    let check = Check::InstanceDrift;
    match drift {
        Ok(drift) if drift.drifted.is_empty() => Finding::ok(
            check,
            format!("{} objects are as revision {} has left them", drift.compared, drift.revision.number),
        ),
        Ok(drift) => {
            let objects: Vec<_> = drift.drifted.iter().map(|one| one.object.to_string()).collect();
            Finding::warning(
                check,
                format!("not as revision {} has left it: {}", drift.revision.number, objects.join(", ")),
                "`cht status --drift` shows the fields; `cht deploy` puts them right",
            )
        }
        Err(DriftError::Cluster(error) | DriftError::Record(RecordError::Cluster(error))) => {
            Finding::unanswered(check, error)
        }
        Err(error) => Finding::unknown(check, error.to_string()),
    }
}

#[cfg(test)]
mod tests;
