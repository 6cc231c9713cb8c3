//! Jobs run to their end.

use cht_k8s::LiveObject;
use cht_k8s::sandbox::{Fault, Sandbox};
use cht_manifests::Kind;
use serde_json::{Value, json};

use crate::support::*;

fn wait_over(sandbox: &Sandbox, name: &str) -> (String, LiveObject) {
    let find = |jobs: &[LiveObject]| {
        let job = jobs.iter().find(|job| job.name() == name)?.clone();
        let condition = job.text("/status/conditions/0/type")?.to_owned();
        Some((condition, job))
    };
    find(&wait(sandbox, Kind::Job, "over", |jobs| find(jobs).is_some())).unwrap()
}

#[test]
fn a_job_completes() {
    let sandbox = sandbox();
    apply(&sandbox, &job("make", "OnFailure"));
    let (condition, job) = wait_over(&sandbox, "make");
    assert_eq!((condition.as_str(), &job.value()["status"]["succeeded"]), ("Complete", &json!(1)));
    assert!(job.text("/status/completionTime").is_some());
    assert_eq!(list(&sandbox, Kind::Pod)[0].text("/status/phase"), Some("Succeeded"));
    assert!(delete(&sandbox, Kind::Job, "make"));
    wait(&sandbox, Kind::Pod, "no pod", <[_]>::is_empty);
}

#[test]
fn a_job_fails_after_its_tries() {
    for policy in ["OnFailure", "Never"] {
        let sandbox = sandbox();
        sandbox.fail(Fault::CrashLoop { container: "make".to_owned(), exit_code: 2, log: "denied".to_owned() });
        apply(&sandbox, &job("make", policy));
        let (condition, job) = wait_over(&sandbox, "make");
        assert_eq!(condition, "Failed", "{policy}");
        assert_eq!(job.text("/status/conditions/0/reason"), Some("BackoffLimitExceeded"));
        let pods = list(&sandbox, Kind::Pod);
        let failed = pods.iter().filter(|pod| pod.text("/status/phase") == Some("Failed")).count();
        assert_eq!(failed, if policy == "Never" { 3 } else { 0 });
    }
}

#[test]
fn applying_a_finished_job_again_changes_nothing() {
    let sandbox = sandbox();
    apply(&sandbox, &job("make", "OnFailure"));
    let (_, before) = wait_over(&sandbox, "make");
    let after = apply(&sandbox, &job("make", "OnFailure"));
    let version = |job: &LiveObject| job.value()["metadata"]["resourceVersion"].clone();
    assert_eq!((version(&after), Value::Null), (version(&before), after.value()["metadata"]["generation"].clone()));
}
