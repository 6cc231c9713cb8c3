//! How a run ended, for people.

use std::collections::BTreeSet;
use std::time::Duration;

use cht_k8s::doctor::Finding;
use cht_k8s::{ClusterError, Counts, Failure, Outcome, StalePlan, Success};

use super::health;
use crate::output::explain;

/// A time as people say it.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0..10) => format!("{:.1} s", duration.as_secs_f64()),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// What a run did.
fn counts(outcome: &Outcome) -> String {
    let Counts { created, changed, unchanged, removed } = outcome.counts;
    let parts = [(created, "created"), (changed, "changed"), (unchanged, "unchanged"), (removed, "removed")];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    parts.chain([format!("{} requests", outcome.requests)]).collect::<Vec<_>>().join(", ")
}

/// What came of a run, with the command that a person may want next.
pub(crate) fn success(title: &str, outcome: &Outcome, success: &Success, again: &str) -> String {
    let indented =
        |lines: Vec<String>| lines.into_iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
    let counts = counts(outcome);
    match success {
        Success::Deployed { components, address } => {
            let components = indented(components.iter().map(health::line).collect());
            let took = time(outcome.duration);
            format!("{title} is ready at {address}\n{components}\ntook {took}: {counts}\nlook again with: {again}\n")
        }
        Success::Restarted { components } => {
            let components = indented(components.iter().map(health::line).collect());
            let took = time(outcome.duration);
            format!("{title} has restarted\n{components}\ntook {took}: {counts}\nlook again with: {again}\n")
        }
        Success::Uninstalled { kept } => {
            let kept = indented(kept.iter().map(ToString::to_string).collect());
            let what = match outcome.counts.removed {
                0 => "does not run: there was nothing to remove",
                _ => "does not run any more",
            };
            format!("{title} {what} ({counts})\nkept, with all data:\n{kept}\nto run it again: {again}\n")
        }
        Success::DataDeleted { deleted, kept, remains } => {
            let mut lines = vec![format!("{title} does not run any more ({counts})")];
            let mut list = |heading: &str, items: Vec<String>| {
                if !items.is_empty() {
                    lines.extend([heading.to_owned(), indented(items)]);
                }
            };
            list("deleted, with its history:", deleted.iter().map(ToString::to_string).collect());
            list("kept:", kept.iter().map(|kept| format!("{} ({})", kept.object, kept.reason)).collect());
            let remains = remains.iter().map(|remains| format!("{} ({})", remains.place, remains.object));
            list("data is still on these disks, which are yours to wipe:", remains.collect());
            if deleted.is_empty() {
                lines.insert(1, "no data of it was there to delete".to_owned());
            }
            format!("{}\n", lines.join("\n"))
        }
    }
}

/// What to do about an object that cannot become as wanted.
pub(crate) fn hint(refusal: &ClusterError) -> &'static str {
    match refusal {
        ClusterError::FieldConflict { .. } => {
            "what another tool owns stays its own: let the values say the same, or let the tool give the field up"
        }
        ClusterError::Invalid { .. } | ClusterError::Changed { .. } => {
            "what Kubernetes keeps as it is can only be made anew: delete the object, unless it holds data, and deploy again"
        }
        ClusterError::HostTaken { .. } => "a host leads to one instance: find out which of the two it is meant for",
        _ => "whoever runs the cluster decides this: ask for the permission, or for the rule to be changed",
    }
}

/// Names what is not as it was approved.
pub(crate) fn stale_plan(stale: &StalePlan) {
    explain("error: the plan does not hold any more:");
    for difference in &stale.differences {
        explain(&format!("  {difference}"));
    }
    explain("hint: nothing was changed; look at what would be done now with `cht diff`, and approve that");
}

/// Names what the cluster lacks.
fn preflight(findings: &[Finding]) {
    for finding in findings {
        explain(&format!("error [{}]: {}", finding.check, finding.message));
        if let Some(hint) = &finding.hint {
            explain(&format!("hint: {hint}"));
        }
    }
    explain("hint: nothing was changed; `cht doctor --pre` looks at more; --skip-preflight goes on in spite of it");
}

/// Explains why a run failed.
pub(crate) fn failure(failure: &Failure) {
    match failure {
        Failure::Preflight(findings) => preflight(findings),
        Failure::Refused(errors) => {
            for error in errors {
                explain(&format!("error: {error}"));
            }
            let hints: BTreeSet<_> = errors.iter().map(hint).collect();
            for hint in hints {
                explain(&format!("hint: nothing was changed; {hint}"));
            }
        }
        Failure::Cluster(error) => explain(&format!("error: {error}")),
        Failure::StalePlan(stale) => stale_plan(stale),
        Failure::NoPlan(error) => explain(&format!("error: {error}")),
        Failure::Locked(holder) => {
            explain(&format!("error: locked by {holder}; nothing was changed"));
            explain("hint: wait for that run to end, with a longer --lock-wait if need be");
        }
        Failure::LockLost(Some(holder)) => {
            explain(&format!("error: the lock could not be renewed in time, and is held by {holder} now"));
            explain("hint: this run has stopped writing; look at the other one before you run this command again");
        }
        Failure::LockLost(None) => {
            explain("error: the lock could not be renewed in time, so this run has stopped writing");
            explain(
                "hint: run the same command again to go on from here, with a longer --lease if the link often fails",
            );
        }
        Failure::DataSafety(risks) => {
            for risk in risks {
                explain(&format!("error: {risk}"));
            }
            let mut rules: Vec<_> = risks.iter().map(|risk| risk.rule).collect();
            rules.dedup();
            for rule in rules {
                explain(&if rule.can_be_allowed() {
                    format!("hint: nothing was changed; to do it all the same, add --allow {rule}")
                } else {
                    format!(
                        "hint: nothing was changed; Kubernetes does not do this ({rule}): restore the values as they were"
                    )
                });
            }
        }
        Failure::Workload(broken) => {
            for broken in broken {
                explain(&health::broken(broken));
            }
        }
        Failure::TimedOut(waiting) => {
            explain("error: time is up, and these are not ready; nothing is known to be broken:");
            for component in waiting {
                explain(&format!("  {}", health::line(component)));
            }
            for hint in health::hints(waiting) {
                explain(&hint);
            }
            explain("hint: run the same command again to go on waiting, with a longer --timeout on a slow link");
        }
        Failure::StillStopping(pods) => {
            let pods: Vec<_> = pods.iter().map(String::as_str).collect();
            explain(&format!("error: time is up, and these pods have not stopped yet: {}", pods.join(", ")));
            explain("hint: run the same command again to go on waiting");
        }
        Failure::StillThere(objects) => {
            let objects: Vec<_> = objects.iter().map(ToString::to_string).collect();
            explain(&format!(
                "error: time is up, and these are being deleted and not gone yet: {}",
                objects.join(", ")
            ));
            explain(
                "hint: run the same command again to go on waiting; a claim goes when no pod uses it, a volume when its provisioner has removed the disk",
            );
        }
        Failure::NotConfirmed(refusal) => explain(&format!("error: {refusal}")),
        Failure::CannotRestart(refusal) => explain(&format!("error: {refusal}; nothing was changed")),
        Failure::Interrupted => explain("interrupted; run the same command again to go on from here"),
    }
}
