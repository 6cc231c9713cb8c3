//! Whether a Job is done.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::jiff::Timestamp;

use super::problem::{Problem, ProblemCode};
use super::view::View;
use super::{pod, view};

/// How far a Job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobState {
    Running,
    Done,
    Failed(Box<Problem>),
}

pub(crate) fn state(view: &View, job: &Job, namespace: &str, now: Timestamp) -> JobState {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    let condition = |kind: &str| {
        let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
        conditions.into_iter().find(|condition| condition.type_ == kind && condition.status == "True")
    };
    if condition("Complete").is_some() {
        return JobState::Done;
    }
    let pods: Vec<_> = view.job_pods(job).collect();
    if let Some(failed) = condition("Failed") {
        let last = pods.iter().max_by_key(|pod| pod.metadata.creation_timestamp.as_ref().map(|time| time.0));
        let object = last.map_or_else(
            || ObjectKey::new(Kind::Job, namespace, name),
            |pod| ObjectKey::new(Kind::Pod, namespace, pod.metadata.name.as_deref().unwrap_or_default()),
        );
        return JobState::Failed(Box::new(Problem {
            code: ProblemCode::JobFailed,
            object,
            container: last.and_then(|pod| Some(pod.spec.as_ref()?.containers.first()?.name.clone())),
            node: last.and_then(|pod| pod.spec.as_ref()?.node_name.clone()),
            exit_code: None,
            message: format!("Job {name} failed: {}", failed.message.as_deref().unwrap_or("no reason given")),
        }));
    }
    let problem = pods.into_iter().find_map(|pod| pod::problem(view, pod, namespace, true, now));
    problem.map_or(JobState::Running, |problem| JobState::Failed(Box::new(problem)))
}

/// The Job's identity, for its removal.
pub(crate) fn uid(job: &Job) -> &str {
    view::uid(&job.metadata)
}
