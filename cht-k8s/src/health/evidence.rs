//! Why something is not healthy: what a person would otherwise collect by hand.

use std::pin::pin;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use futures::future::{Either, join_all, select};

use super::problem::Problem;
use super::view::{View, uid};
use crate::redact::Redactor;
use crate::{Clock, Cluster, LogOptions};

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
            Some((previous, in_time(&*clock, answer).await?.ok()?))
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

async fn in_time<T>(clock: &dyn Clock, answer: impl Future<Output = T>) -> Option<T> {
    match select(pin!(answer), clock.sleep(PATIENCE)).await {
        Either::Left((answer, _)) => Some(answer),
        Either::Right(_) => None,
    }
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

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use serde_json::json;

    use super::*;
    use crate::LiveObject;
    use crate::health::ProblemCode;
    use crate::health::testing::*;
    use crate::sandbox::Sandbox;

    fn gathered(view: &View, object: ObjectKey) -> Evidence {
        let (code, message) = (ProblemCode::RolloutStuck, String::new());
        let problem = Problem { code, object, container: None, node: None, exit_code: None, message };
        block_on(gather(&Sandbox::new(), view, &problem))
    }

    #[test]
    fn a_node_that_does_not_answer_is_not_waited_for() {
        let sandbox = Sandbox::new();
        let clock = sandbox.clock();
        let started = clock.now();
        assert_eq!(block_on(in_time(&*clock, std::future::pending::<u8>())), None);
        assert_eq!(clock.now().duration_since(started).unsigned_abs(), PATIENCE);
        assert_eq!(block_on(in_time(&*clock, async { 7 })), Some(7));
    }

    #[test]
    fn the_last_warnings_are_shown_oldest_first() {
        let about = pod("p", &json!({}));
        let said = |number: i64| {
            let event = warning(&format!("e{number}"), &about, "Failed", &format!("try {number} \n"), 1);
            let seen = json!({ "lastTimestamp": at(number).to_string() });
            LiveObject::new(Kind::Event, with(event.value().clone(), &seen))
        };
        let normal = json!({ "involvedObject": { "uid": about.uid() }, "type": "Normal", "reason": "Pulled" });
        let of_another = warning("other", &pod("q", &json!({})), "Failed", "no", 1);
        let events = [7, 3, 5, 1, 6, 2, 4].map(said);
        let rest = [about.clone(), object(Kind::Event, "normal", &normal), of_another];
        let evidence = gathered(&view(&[&events[..], &rest].concat()), about.key());
        let tries = [3, 4, 5, 6, 7].map(|number| format!("Failed: try {number}"));
        assert_eq!((evidence.warnings, evidence.logs), (tries.to_vec(), Vec::new()));
    }

    #[test]
    fn every_kind_that_has_problems_has_warnings() {
        for kind in [Kind::Pod, Kind::PersistentVolumeClaim, Kind::Job, Kind::Deployment] {
            let about = object(kind, "it", &json!({}));
            let view = view(&[about.clone(), warning("e", &about, "Failed", "no", 1)]);
            assert_eq!(gathered(&view, about.key()).warnings, ["Failed: no"], "{kind}");
        }
        assert_eq!(gathered(&View::default(), ObjectKey::new(Kind::Pod, NAMESPACE, "gone")), Evidence::default());
    }
}
