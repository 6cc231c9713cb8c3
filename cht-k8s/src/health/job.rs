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
            exit_code: last.and_then(|pod| pod::exit_code(pod)),
            message: format!("Job {name} failed: {}", failed.message.as_deref().unwrap_or("no reason given")),
        }));
    }
    let problem = pods.into_iter().find_map(|pod| pod::problem(view, pod, namespace, Some(Timestamp::MIN), now));
    problem.map_or(JobState::Running, |problem| JobState::Failed(Box::new(problem)))
}

/// The Job's identity, for its removal.
pub(crate) fn uid(job: &Job) -> &str {
    view::uid(&job.metadata)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::LiveObject;
    use crate::health::testing::*;

    fn job(conditions: &[Value]) -> LiveObject {
        object(Kind::Job, "make", &json!({ "status": { "conditions": conditions } }))
    }

    fn failed() -> LiveObject {
        let message = "Job has reached the specified backoff limit";
        job(&[json!({ "type": "Failed", "status": "True", "message": message })])
    }

    fn try_of(name: &str, exit_code: i32, created: i64) -> LiveObject {
        let ended = container(&json!({ "terminated": { "exitCode": exit_code } }));
        let rest = json!({
            "metadata": { "creationTimestamp": at(created).to_string() },
            "spec": { "nodeName": "alpha", "containers": [{ "name": "create-directory" }] },
            "status": { "phase": "Failed", "containerStatuses": [ended] },
        });
        owned(&object(Kind::Pod, name, &rest), &job(&[]))
    }

    fn state_of(objects: &[LiveObject]) -> JobState {
        let view = view(objects);
        state(&view, &view.jobs["make"], NAMESPACE, at(0))
    }

    fn problem_of(objects: &[LiveObject]) -> Problem {
        match state_of(objects) {
            JobState::Failed(problem) => *problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_job_runs_until_it_is_complete() {
        assert_eq!(state_of(&[job(&[])]), JobState::Running);
        assert_eq!(state_of(&[job(&[json!({ "type": "Complete", "status": "False" })])]), JobState::Running);
        assert_eq!(state_of(&[job(&[]), try_of("one", 1, 0)]), JobState::Running, "it is tried again");
        assert_eq!(state_of(&[job(&[json!({ "type": "Complete", "status": "True" })])]), JobState::Done);
    }

    #[test]
    fn a_failed_job_is_shown_by_its_last_try() {
        let problem = problem_of(&[failed(), try_of("b", 1, 0), try_of("a", 2, 60)]);
        assert_eq!(problem.code, ProblemCode::JobFailed);
        assert_eq!(problem.object, ObjectKey::new(Kind::Pod, NAMESPACE, "a"));
        // With an exit code, so that its last lines are fetched.
        assert_eq!((problem.exit_code, problem.container.as_deref()), (Some(2), Some("create-directory")));
        assert_eq!(problem.node.as_deref(), Some("alpha"));
        assert_eq!(problem.message, "Job make failed: Job has reached the specified backoff limit");
    }

    #[test]
    fn a_failed_job_without_pods_is_shown_by_itself() {
        let problem = problem_of(&[failed()]);
        assert_eq!(problem.object, ObjectKey::new(Kind::Job, NAMESPACE, "make"));
        assert_eq!((problem.exit_code, problem.container), (None, None));
    }

    #[test]
    fn a_job_whose_pod_cannot_start_has_failed() {
        let lost = unplaced("one", "0/1 nodes are available: 1 node(s) didn't match node selector.");
        assert_eq!(problem_of(&[job(&[]), owned(&lost, &job(&[]))]).code, ProblemCode::Unschedulable);
        assert_eq!(state_of(&[job(&[]), lost]), JobState::Running, "not its pod");
    }
}
