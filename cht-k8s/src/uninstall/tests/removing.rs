//! What is removed, and what is not.

use super::*;
use crate::ClusterError;
use crate::events::{Counts, Failure};
use crate::sandbox::{Fault, Verb};

#[test]
fn what_others_run_is_neither_removed_nor_waited_for() {
    let sandbox = deployed();
    let (events, outcome) = run(&sandbox, UninstallOptions::default());
    let Ok(Success::Uninstalled { kept }) = &outcome.result else { panic!("{outcome:?}") };
    assert_eq!(left(&sandbox, Kind::Deployment), ["theirs"]);
    assert_eq!(left(&sandbox, Kind::Pod).len(), 1);
    assert_eq!(left(&sandbox, Kind::PersistentVolumeClaim), ["couchdb-claim0"]);
    let kinds: Vec<_> = kept.iter().map(|key| key.kind).collect();
    assert_eq!(kinds, [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret, Kind::Namespace]);
    let removed = events.iter().filter(|event| matches!(event, Event::Removed { .. })).count();
    assert_eq!(outcome.counts.removed, removed);
}

#[test]
fn after_a_failure_what_was_removed_is_counted() {
    let sandbox = deployed();
    let error = ClusterError::Forbidden { object: "Deployment".to_owned(), message: "no".to_owned() };
    let kind = Some(Kind::Deployment);
    sandbox.fail(Fault::Api { verb: Verb::Delete, kind, times: 1, error: error.clone() });
    let (events, outcome) = run(&sandbox, UninstallOptions::default());
    assert!(matches!(&outcome.result, Err(Failure::Cluster(failure)) if *failure == error), "{outcome:?}");
    let removed = events.iter().filter(|event| matches!(event, Event::Removed { .. })).count();
    assert_eq!(outcome.counts.removed, removed);
    // The others of the same kind were removed, and no kind after it.
    assert_eq!(left(&sandbox, Kind::Deployment).len(), 2);
    assert!(!left(&sandbox, Kind::Service).is_empty());
    assert!(matches!(run(&sandbox, UninstallOptions::default()).1.result, Ok(Success::Uninstalled { .. })));
}

#[test]
fn nothing_is_removed_after_a_stop() {
    let sandbox = deployed();
    let options = UninstallOptions::default();
    options.stop.stop();
    let (_, outcome) = run(&sandbox, options);
    assert!(matches!(outcome.result, Err(Failure::Interrupted)), "{outcome:?}");
    assert_eq!(outcome.counts, Counts::default());
    assert!(left(&sandbox, Kind::Deployment).len() > 2);
}
