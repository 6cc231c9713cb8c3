//! What stands between the API server and pods that kubelets reach.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::executor::block_on;

use super::super::testing::{K3D, instance};
use crate::events::{Failure, Outcome};
use crate::sandbox::{Fault, Sandbox};
use crate::{Cluster, Event, Options, deploy, plan, status};

const CLUSTER: [&str; 2] = ["couchdb.clusteredCouchEnabled=true", "clusteredCouch.noOfCouchDBNodes=3"];

/// Where a policy turns away whoever comes to `couchdb-2` from the API server.
fn filtering() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.fail(Fault::NotListening { service: "couchdb-2".to_owned() });
    sandbox
}

/// How a deploy ends, what it notes, and how long it takes.
fn deployed(sandbox: &Arc<Sandbox>, profile: &str) -> (Outcome, Vec<String>, Duration) {
    let profile = format!("profile={profile}");
    let set: Vec<_> = CLUSTER.into_iter().chain([profile.as_str()]).collect();
    let before = sandbox.clock().now();
    let plan = block_on(plan(&**sandbox, instance(K3D, &set))).expect("a plan");
    let options = Options { timeout: Duration::from_mins(10), ..Options::default() };
    let events = deploy(Arc::clone(sandbox) as Arc<dyn Cluster>, plan, options);
    let mut events: Vec<_> = block_on(events.collect());
    let Some(Event::Finished(outcome)) = events.pop() else { panic!("it ends") };
    let notes = events.into_iter().filter_map(|event| match event {
        Event::Note(note) => Some(note),
        _ => None,
    });
    (outcome, notes.collect(), sandbox.clock().now().duration_since(before).unsigned_abs())
}

#[test]
fn what_kubelets_find_ready_is_taken_at_their_word_with_a_note() {
    let sandbox = filtering();
    let (outcome, notes, lasted) = deployed(&sandbox, "production");
    assert!(outcome.result.is_ok(), "{outcome:?}");
    let unchecked: Vec<_> = notes.iter().filter(|note| note.contains("not checked")).collect();
    let [note] = unchecked[..] else { panic!("{unchecked:?}") };
    let (said, why) = note.split_once(" (").expect("the server's words");
    insta::assert_snapshot!(said, @"whether couchdb-2 answers was not checked: its pods are ready, and something, such as a network policy, keeps the API server from them");
    assert!(why.ends_with(":5984: connect: connection refused)"), "{why}");
    assert!(lasted > Duration::from_secs(30) && lasted < Duration::from_mins(2), "{lasted:?}");

    let set: Vec<_> = CLUSTER.into_iter().collect();
    let status = block_on(status(Arc::clone(&sandbox) as Arc<dyn Cluster>, &instance(K3D, &set))).expect("a status");
    assert!(status.is_ready(), "{status:?}");
    assert!(status.unchecked.iter().any(|unchecked| unchecked.what == "whether couchdb-2 answers"));
}

#[test]
fn without_probes_nobody_can_vouch_for_it() {
    let (outcome, notes, _) = deployed(&filtering(), "chart");
    let Err(Failure::TimedOut(components)) = &outcome.result else { panic!("{outcome:?}") };
    let reasons: Vec<_> = components.iter().filter_map(|component| component.health.reason()).collect();
    assert!(reasons.contains(&"it runs, and does not listen on port 5984 yet"), "{reasons:?}");
    assert!(notes.iter().all(|note| !note.contains("not checked")), "{notes:?}");
}
