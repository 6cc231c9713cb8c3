//! Why something is not healthy: what a person would otherwise collect by hand.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use futures::future::{Either, join_all, select};

use super::problem::Problem;
use super::view::{View, uid};
use crate::redact::Redactor;
use crate::{Cluster, LogOptions};

/// How many of a container's last lines are shown.
const LINES: u32 = 20;
/// How long a node may take to hand them out: one that is in trouble must not hide that it is.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many warnings are shown.
const WARNINGS: usize = 5;

/// What backs a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The last warnings about the object, oldest first.
    pub warnings: Vec<String>,
    /// The container's last lines.
    pub logs: Vec<LogTail>,
}

impl Evidence {
    /// The evidence without secrets.
    pub(crate) fn redacted(mut self, redactor: &Redactor) -> Self {
        let lines = self.logs.iter_mut().flat_map(|tail| &mut tail.lines);
        for text in lines.chain(&mut self.warnings) {
            *text = redactor.redact(text);
        }
        self
    }
}

/// The last lines that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTail {
    /// The container.
    pub container: String,
    /// Whether they are of the run before the current one.
    pub previous: bool,
    /// The lines.
    pub lines: Vec<String>,
}

/// Collects the evidence for a problem. What cannot be had is left out: it must not hide the problem.
pub(crate) async fn gather(cluster: &dyn Cluster, view: &View, problem: &Problem) -> Evidence {
    let mut evidence = Evidence { warnings: warnings(view, &problem.object), logs: Vec::new() };
    let Some(container) = &problem.container else { return evidence };
    // A container that has not run has written nothing.
    if problem.object.kind != Kind::Pod || problem.exit_code.is_none() {
        return evidence;
    }
    let ask = |previous| {
        let clock = cluster.clock();
        async move {
            let answer = cluster.logs(&problem.object, container, LogOptions { previous, tail: LINES });
            match select(answer, clock.sleep(PATIENCE)).await {
                Either::Left((text, _)) => text.ok().map(|text| (previous, text)),
                Either::Right(_) => None,
            }
        }
    };
    for (previous, text) in join_all([true, false].map(ask)).await.into_iter().flatten() {
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let seen = evidence.logs.iter().any(|tail: &LogTail| tail.lines == lines);
        if !lines.is_empty() && !seen {
            evidence.logs.push(LogTail { container: container.clone(), previous, lines });
        }
    }
    evidence
}

fn warnings(view: &View, object: &ObjectKey) -> Vec<String> {
    let metadata = match object.kind {
        Kind::Pod => view.pods.get(&object.name).map(|pod| &pod.metadata),
        Kind::PersistentVolumeClaim => view.claims.get(&object.name).map(|claim| &claim.metadata),
        Kind::Job => view.jobs.get(&object.name).map(|job| &job.metadata),
        Kind::Deployment => view.deployments.get(&object.name).map(|deployment| &deployment.metadata),
        _ => None,
    };
    let Some(metadata) = metadata else { return Vec::new() };
    let events = view.events_of(uid(metadata));
    let warnings: Vec<_> = events.into_iter().filter(|event| event.type_.as_deref() == Some("Warning")).collect();
    let last = warnings.len().saturating_sub(WARNINGS);
    warnings[last..]
        .iter()
        .map(|event| {
            let (reason, message) = (event.reason.as_deref(), event.message.as_deref());
            format!("{}: {}", reason.unwrap_or_default(), message.unwrap_or_default().trim_end())
        })
        .collect()
}
