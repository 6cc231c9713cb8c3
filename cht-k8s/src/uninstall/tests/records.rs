//! What is written down of an uninstall, and how many requests it makes.

use super::*;
use crate::events::{Failure, LockEvent};
use crate::records::{Action, Inventory, RevisionOutcome, inventory_key};
use crate::sandbox::{Fault, Verb};
use crate::{ClusterError, LockOptions, history};

fn inventory(sandbox: &Sandbox) -> Inventory {
    let live = block_on(sandbox.get(&inventory_key("county-a", "county-a"))).expect("an answer");
    Inventory::read(&live.expect("an inventory")).expect("readable")
}

fn lines(sandbox: &Sandbox) -> Vec<(u32, Action, RevisionOutcome)> {
    let revisions = block_on(history(sandbox, &instance(K3D, &[]))).expect("a history");
    revisions.into_iter().map(|line| (line.number, line.action, line.outcome)).collect()
}

#[test]
fn an_uninstall_is_a_revision_and_the_next_deploy_goes_on_counting() {
    let sandbox = deployed();
    let (events, outcome) = run(&sandbox, UninstallOptions::default());
    assert!(events.iter().any(|event| matches!(event, Event::RevisionStarted(2))), "{events:?}");
    assert!(outcome.counts.removed > 10, "{outcome:?}");
    let uninstalled = (2, Action::Uninstall, RevisionOutcome::Done);
    assert_eq!(lines(&sandbox)[1], uninstalled);
    let revision = block_on(crate::revision(&*sandbox, &instance(K3D, &[]), 2)).expect("a record");
    assert_eq!(revision.changes.len(), outcome.counts.removed);
    let owned: Vec<_> = inventory(&sandbox).objects.into_iter().map(|owned| owned.kind).collect();
    let kept = [Kind::Namespace, Kind::Secret, Kind::PersistentVolumeClaim];
    assert!(owned.iter().all(|kind| kept.contains(kind)) && owned.len() == 3, "{owned:?}");

    let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
    let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
    block_on(events.collect::<Vec<_>>());
    assert_eq!(lines(&sandbox)[2], (3, Action::Deploy, RevisionOutcome::Done));
}

#[test]
fn nothing_is_written_where_nothing_is_to_be_removed() {
    let sandbox = Arc::new(Sandbox::new());
    for options in [UninstallOptions::default(), with_data()] {
        let (events, outcome) = run(&sandbox, options);
        assert!(outcome.result.is_ok() && events.is_empty(), "{outcome:?} {events:?}");
        assert!(outcome.requests <= 18, "{outcome:?}");
        assert_eq!(left(&sandbox, Kind::Namespace), ["default", "kube-system"]);
    }
    let sandbox = deployed();
    run(&sandbox, UninstallOptions::default());
    let before = block_on(sandbox.list(Kind::ConfigMap, None)).expect("a list").resource_version;
    let (events, outcome) = run(&sandbox, UninstallOptions::default());
    assert!(events.is_empty(), "{events:?}");
    assert!(matches!(&outcome.result, Ok(Success::Uninstalled { kept }) if kept.len() == 4), "{outcome:?}");
    assert_eq!(block_on(sandbox.list(Kind::ConfigMap, None)).expect("a list").resource_version, before);
}

/// 11 looks, 2 for the lock, 3 for the record's beginning, one for each object, a list and a watch of the pods, 2 for the
/// record's end, 1 for the lock's. Renewals of the lock come on top while pods take their time to stop.
#[test]
fn requests_are_few() {
    let sandbox = deployed();
    let (_, outcome) = run(&sandbox, UninstallOptions::default());
    let removed = u64::try_from(outcome.counts.removed).expect("few");
    assert!(outcome.requests <= removed + 22 + 6, "{outcome:?}");
}

#[test]
fn a_stop_on_the_way_is_recorded_and_the_next_run_completes() {
    let sandbox = deployed();
    let options = UninstallOptions::default();
    let stop = options.stop.clone();
    let cluster = Arc::clone(&sandbox) as Arc<dyn Cluster>;
    let stopping = uninstall(cluster, instance(K3D, &[]), options).inspect(move |event| {
        if matches!(event, Event::Removed { .. }) {
            stop.stop();
        }
    });
    let last = block_on(stopping.collect::<Vec<_>>()).pop();
    assert!(matches!(last, Some(Event::Finished(Outcome { result: Err(Failure::Interrupted), .. }))), "{last:?}");
    assert_eq!(lines(&sandbox)[1], (2, Action::Uninstall, RevisionOutcome::Interrupted));
    assert!(run(&sandbox, UninstallOptions::default()).1.result.is_ok());
    assert_eq!(lines(&sandbox)[2], (3, Action::Uninstall, RevisionOutcome::Done));
    assert_eq!(left(&sandbox, Kind::Deployment), ["theirs"]);
}

#[test]
fn one_that_was_killed_at_its_very_end_is_completed() {
    let sandbox = deployed();
    let error = ClusterError::Forbidden { object: "ConfigMap".to_owned(), message: "no".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::Replace, kind: Some(Kind::ConfigMap), times: 1, error });
    // The inventory's beginning is the first one to be replaced: this run changes nothing.
    assert!(matches!(run(&sandbox, UninstallOptions::default()).1.result, Err(Failure::Cluster(_))));
    assert!(left(&sandbox, Kind::Deployment).len() > 2);
    assert!(run(&sandbox, UninstallOptions::default()).1.result.is_ok());
    assert_eq!(lines(&sandbox).last(), Some(&(2, Action::Uninstall, RevisionOutcome::Done)));
}

#[test]
fn one_run_at_a_time() {
    let sandbox = deployed();
    let key = crate::lock::lease_key("county-a", "county-a");
    let now = sandbox.clock().now();
    sandbox
        .update_as("cht", &key, |lease| {
            lease["spec"]["holderIdentity"] = json!("ada@laptop/4711/9f3c01d27ab4");
            lease["spec"]["renewTime"] = json!(format!("{now:.6}"));
        })
        .expect("taken");
    let lock = LockOptions { wait: std::time::Duration::ZERO, ..LockOptions::default() };
    let before = left(&sandbox, Kind::Deployment);
    let (_, outcome) = run(&sandbox, UninstallOptions { lock, ..UninstallOptions::default() });
    assert!(matches!(&outcome.result, Err(Failure::Locked(holder)) if holder.identity.starts_with("ada@")));
    assert_eq!(left(&sandbox, Kind::Deployment), before);
    let (events, outcome) = run(&sandbox, UninstallOptions::default());
    assert!(outcome.result.is_ok(), "{outcome:?}");
    assert!(events.iter().any(|event| matches!(event, Event::Lock(LockEvent::TakenOver { .. }))), "{events:?}");
}
