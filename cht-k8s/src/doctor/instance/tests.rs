use std::sync::Arc;

use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt;
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::doctor::{Examination, Report, Verdict, examine};
use crate::health::testing::{K3D, instance};
use crate::sandbox::{Fault, Sandbox};
use crate::{Options, deploy, plan};

/// A sandbox that an instance was deployed to, with something wrong.
fn deployed(fault: Option<Fault>) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    if let Some(fault) = fault {
        sandbox.fail(fault);
    }
    let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
    block_on(
        deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default()).for_each(|_| std::future::ready(())),
    );
    sandbox
}

fn examined(sandbox: &Arc<Sandbox>, pre: bool) -> Report {
    let options = Examination { pre, outside: None };
    block_on(examine(Arc::clone(sandbox) as Arc<dyn Cluster>, &instance(K3D, &[]), &options))
}

/// What of an instance is not as it should be.
fn wrong(sandbox: &Arc<Sandbox>) -> Vec<(Check, Verdict)> {
    let report = examined(sandbox, false);
    let findings = report.of(crate::doctor::Category::Instance).filter(|finding| finding.verdict != Verdict::Ok);
    findings.map(|finding| (finding.check, finding.verdict)).collect()
}

#[test]
fn a_deployed_instance_is_well() {
    let sandbox = deployed(None);
    assert_eq!(wrong(&sandbox), []);
    assert_eq!(examined(&sandbox, false).of(crate::doctor::Category::Instance).count(), 5);
    assert_eq!(examined(&sandbox, true).of(crate::doctor::Category::Instance).count(), 0);
}

#[test]
fn what_is_broken_is_fatal() {
    let log = "no".to_owned();
    let sandbox = deployed(Some(Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log }));
    let found = wrong(&sandbox);
    assert_eq!(found[0], (Check::InstanceHealth, Verdict::Fatal), "{found:?}");
    assert!(found.contains(&(Check::InstanceRevision, Verdict::Warning)), "{found:?}");
}

#[test]
fn what_somebody_changed_is_a_warning() {
    let sandbox = deployed(None);
    let key = ObjectKey::new(Kind::Deployment, "county-a", "cht-sentinel");
    sandbox
        .update_as("kubectl-edit", &key, |live| live["spec"]["template"]["spec"]["containers"][0]["image"] = json!("x"))
        .expect("edited");
    assert!(wrong(&sandbox).contains(&(Check::InstanceDrift, Verdict::Warning)));
}

#[test]
fn a_lock_counts_until_it_has_run_out() {
    let sandbox = deployed(None);
    let key = lease_key("county-a", "county-a");
    let now = sandbox.clock().now();
    sandbox
        .update_as("cht", &key, |live| {
            live["spec"]["holderIdentity"] = json!("ada@laptop/1/run");
            live["spec"]["renewTime"] = json!(now.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
            live["spec"]["leaseDurationSeconds"] = json!(30);
        })
        .expect("locked");
    assert_eq!(wrong(&sandbox), [(Check::InstanceLock, Verdict::Warning)]);
    block_on(sandbox.clock().sleep(std::time::Duration::from_secs(31)));
    assert_eq!(wrong(&sandbox), []);
}

#[test]
fn what_is_not_deployed_is_not_examined() {
    let sandbox = Arc::new(Sandbox::new());
    assert_eq!(wrong(&sandbox), [(Check::InstanceDeployed, Verdict::Unknown)]);
}

#[test]
fn how_the_newest_revision_ended_is_told() {
    let sandbox = deployed(None);
    let mut newest = block_on(crate::history(&*sandbox, &instance(K3D, &[]))).expect("a history").pop().expect("one");
    for (outcome, is_running, verdict) in [
        (RevisionOutcome::Done, false, Verdict::Ok),
        (RevisionOutcome::Applying, true, Verdict::Ok),
        (RevisionOutcome::Applying, false, Verdict::Warning),
        (RevisionOutcome::Interrupted, false, Verdict::Warning),
        (RevisionOutcome::Failed { reason: "api: crash-loop".to_owned() }, false, Verdict::Warning),
    ] {
        newest.outcome = outcome;
        assert_eq!(revision(&newest, is_running).verdict, verdict, "{newest:?}");
    }
}
