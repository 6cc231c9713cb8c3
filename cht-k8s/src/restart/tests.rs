use std::time::Duration;

use cht_manifests::Kind;
use futures::StreamExt;
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::events::{Failure, Outcome, Success};
use crate::health::testing::{K3D, instance};
use crate::plan::plan;
use crate::sandbox::{Fault, Sandbox};
use crate::{LiveObject, LockOptions, Options, deploy};

/// CouchDB on three machines.
const CLUSTER: [&str; 3] =
    ["couchdb.clusteredCouchEnabled=true", "clusteredCouch.noOfCouchDBNodes=3", "clusteredCouch.nodes=3"];

fn county(set: &[&str]) -> Instance {
    instance(K3D, set)
}

fn outcome(events: BoxStream<'static, Event>) -> (Vec<Event>, Outcome) {
    let mut events: Vec<_> = block_on(events.collect());
    match events.pop() {
        Some(Event::Finished(outcome)) => (events, outcome),
        other => panic!("{other:?}"),
    }
}

fn deployed(instance: &Instance) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let plan = block_on(plan(&*sandbox, instance.clone())).expect("a plan");
    let (_, outcome) = outcome(deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default()));
    assert!(outcome.result.is_ok(), "{outcome:?}");
    sandbox
}

fn restarted(sandbox: &Arc<Sandbox>, instance: &Instance, named: &[Component]) -> (Vec<String>, Outcome) {
    let components = components_of(instance, named).expect("components");
    let cluster = Arc::clone(sandbox) as Arc<dyn Cluster>;
    let lock = LockOptions { wait: Duration::ZERO, ..LockOptions::default() };
    let options = RestartOptions { lock, timeout: Duration::from_mins(5), ..RestartOptions::default() };
    let (events, outcome) = outcome(restart(cluster, instance.clone(), components, options));
    let line = |event: &Event| match event {
        Event::Applied { object, .. } => Some(object.name.clone()),
        Event::HealthChanged(component) if component.health.is_ready() => {
            Some(format!("{} ready", component.component))
        }
        _ => None,
    };
    (events.iter().filter_map(line).collect(), outcome)
}

fn pods(sandbox: &Sandbox) -> Vec<String> {
    let listing = block_on(sandbox.list(Kind::Pod, Some("county-a"))).expect("pods");
    listing.items.iter().map(|pod| format!("{} {}", pod.label("cht.service").unwrap_or_default(), pod.uid())).collect()
}

#[test]
fn each_is_ready_before_the_next() {
    let county = county(&CLUSTER);
    let sandbox = deployed(&county);
    let before = pods(&sandbox);
    let (lines, outcome) = restarted(&sandbox, &county, &[]);
    assert_eq!(
        lines,
        [
            "cht-couchdb-1",
            "couchdb-1 ready",
            "cht-couchdb-2",
            "couchdb-2 ready",
            "cht-couchdb-3",
            "couchdb-3 ready",
            "cht-haproxy-healthcheck",
            "healthcheck ready",
            "cht-haproxy",
            "haproxy ready",
            "cht-api",
            "api ready",
            "cht-sentinel",
            "sentinel ready",
        ]
    );
    let Ok(Success::Restarted { components }) = &outcome.result else { panic!("{outcome:?}") };
    assert!(components.len() == 7 && components.iter().all(|component| component.health.is_ready()), "{components:?}");
    let after = pods(&sandbox);
    assert!(after.len() == before.len() && after.iter().all(|pod| !before.contains(pod)), "{before:?} {after:?}");
}

#[test]
fn what_is_not_named_goes_on() {
    let county = county(&[]);
    let sandbox = deployed(&county);
    let before = pods(&sandbox);
    let (lines, outcome) = restarted(&sandbox, &county, &[Component::Api]);
    assert_eq!(lines, ["cht-api", "api ready"]);
    assert_eq!(outcome.counts.changed, 1);
    let kept = pods(&sandbox).into_iter().filter(|pod| before.contains(pod)).count();
    assert_eq!(kept, before.len() - 1);
}

#[test]
fn what_the_instance_wants_stays_as_it_is() {
    let county = county(&[]);
    let sandbox = deployed(&county);
    let kinds = [Kind::Secret, Kind::PersistentVolumeClaim, Kind::ConfigMap];
    let holding =
        |sandbox: &Sandbox| kinds.map(|kind| block_on(sandbox.list(kind, Some("county-a"))).expect("a list").items);
    let before = holding(&sandbox);
    let (_, outcome) = restarted(&sandbox, &county, &[]);
    assert!(outcome.result.is_ok(), "{outcome:?}");
    assert!(holding(&sandbox) == before, "what holds data, and the records, were not written");
    let plan = block_on(plan(&*sandbox, county)).expect("a plan");
    assert!(plan.is_unchanged(), "{:?}", plan.steps());
}

#[test]
fn what_does_not_get_ready_ends_it() {
    let county = county(&[]);
    let sandbox = deployed(&county);
    sandbox.fail(Fault::CrashLoop { container: "cht-haproxy".to_owned(), exit_code: 1, log: "no backends".to_owned() });
    let (lines, outcome) = restarted(&sandbox, &county, &[]);
    let Err(Failure::Workload(broken)) = &outcome.result else { panic!("{outcome:?}") };
    assert_eq!(broken[0].component, Component::HaProxy);
    assert!(!lines.contains(&"cht-api".to_owned()), "{lines:?}");
}

#[test]
fn what_was_never_started_is_not_restarted() {
    let county = county(&[]);
    let sandbox = Arc::new(Sandbox::new());
    let (_, outcome) = restarted(&sandbox, &county, &[]);
    let Err(Failure::CannotRestart(refusal)) = &outcome.result else { panic!("{outcome:?}") };
    assert_eq!(refusal.to_string(), "Deployment/cht-couchdb is not there: deploy the instance first");
}

#[test]
fn couchdb_never_has_two_pods() {
    let county = county(&[]);
    let sandbox = deployed(&county);
    let key = ObjectKey::new(Kind::Deployment, "county-a", "cht-couchdb");
    let live = block_on(sandbox.get(&key)).expect("an answer").expect("CouchDB");
    let mut value = live.value().clone();
    value["spec"]["strategy"] = json!({ "type": "RollingUpdate" });
    block_on(sandbox.replace(&LiveObject::new(Kind::Deployment, value))).expect("replaced");
    let before = pods(&sandbox);
    for named in [&[Component::CouchDb(None)][..], &[]] {
        let (lines, outcome) = restarted(&sandbox, &county, named);
        let Err(Failure::CannotRestart(CannotRestart::TwoPods { .. })) = &outcome.result else { panic!("{outcome:?}") };
        assert_eq!((lines.len(), pods(&sandbox)), (0, before.clone()));
    }
    let (_, outcome) = restarted(&sandbox, &county, &[Component::Api]);
    assert!(outcome.result.is_ok(), "{outcome:?}");
}

#[test]
fn names_mean_what_the_instance_has() {
    let named = |set: &[&str], named| components_of(&county(set), &[named]).map(|found| names(&found));
    assert_eq!(named(&CLUSTER, Component::CouchDb(None)), Ok("couchdb-1, couchdb-2, couchdb-3".to_owned()));
    assert_eq!(named(&CLUSTER, Component::CouchDb(Some(2))), Ok("couchdb-2".to_owned()));
    assert_eq!(named(&[], Component::CouchDb(None)), Ok("couchdb".to_owned()));
    let missing = named(&[], Component::CouchDb(Some(2))).expect_err("there is one node").to_string();
    assert_eq!(missing, "this instance has no couchdb-2: it has couchdb, healthcheck, haproxy, api, sentinel");
}
