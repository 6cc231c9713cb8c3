//! The records of runs in the sandbox, and of every way to end.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cht_manifests::{Component, Kind, ObjectKey, Stage};
use futures::StreamExt;
use futures::executor::block_on;
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::{EventRecord, Happening, Recorder, RunFinished};
use crate::events::{Broken, Counts, Event, Failure, Outcome};
use crate::health::testing::{K3D, instance};
use crate::plan::{DataRisk, DataRule, PlanDifference, StalePlan, Staleness};
use crate::sandbox::Sandbox;
use crate::{
    Clock, Cluster, ClusterError, Evidence, LockHolder, LogTail, Options, Problem, ProblemCode, RunId, deploy, history,
    plan,
};

/// A clock that is set by hand.
struct Wound(Mutex<Timestamp>);

impl Wound {
    fn set(&self, millisecond: i64) {
        *self.0.lock().expect("not poisoned") = Timestamp::from_millisecond(millisecond).expect("a time");
    }
}

#[async_trait]
impl Clock for Wound {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("not poisoned")
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

fn recorder() -> (Recorder, Arc<Wound>) {
    let clock = Arc::new(Wound(Mutex::new(Timestamp::UNIX_EPOCH)));
    (Recorder::new(Arc::clone(&clock) as Arc<dyn Clock>, RunId::new()), clock)
}

fn note() -> Event {
    Event::Note("look".to_owned())
}

#[test]
fn a_deploy_is_known_by_the_same_name_everywhere() {
    let sandbox = Arc::new(Sandbox::new());
    let options = Options::default();
    let run = options.run.clone();
    let mut recorder = Recorder::new(sandbox.clock(), run.clone());
    let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
    let events: Vec<_> = block_on(deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, options).collect());
    let records: Vec<_> = events.iter().flat_map(|event| recorder.records(event)).collect();

    assert!(records.iter().map(EventRecord::seq).eq(1..=records.len() as u64));
    assert!(records.is_sorted_by_key(EventRecord::ts));
    assert!(records.iter().all(|record| *record.run() == run));
    let revision = block_on(history(&*sandbox, &instance(K3D, &[]))).expect("a history").remove(0);
    assert_eq!((revision.run, Some(revision.number)), (run, records.last().and_then(EventRecord::rev)));
    // What is written is read as it was.
    for record in &records {
        let text = serde_json::to_string(record).expect("JSON");
        assert_eq!(&serde_json::from_str::<EventRecord>(&text).expect(&text), record);
    }
}

#[test]
fn time_never_goes_back() {
    let (mut recorder, clock) = recorder();
    let mut at = |millisecond| {
        clock.set(millisecond);
        serde_json::to_value(&recorder.records(&note())[0]).expect("JSON")["ts"].clone()
    };
    assert_eq!(at(1_500), "1970-01-01T00:00:01.500Z");
    assert_eq!(at(900), "1970-01-01T00:00:01.500Z");
    assert_eq!(at(2_000), "1970-01-01T00:00:02.000Z");
}

#[test]
fn what_comes_after_the_stages_is_in_none() {
    let (mut recorder, _) = recorder();
    let object = ObjectKey::new(Kind::Service, "ns", "upgrade-service");
    let fate = crate::Fate::Prune { uid: "u-1".to_owned() };
    let superseded = vec![crate::Superseded { object: object.clone(), fate }];
    let planned = Event::Planned { hash: "h".to_owned(), steps: Vec::new(), superseded };
    let plan = serde_json::to_value(&recorder.records(&planned)[0]).expect("JSON");
    assert_eq!((&plan["classes"], &plan["objects"][0]["obj"]["uid"]), (&json!({ "prune": 1 }), &json!("u-1")));
    assert_eq!(recorder.records(&Event::StageStarted(Stage::Ingress))[0].stage(), Some("ingress"));
    assert_eq!(recorder.records(&Event::Removed { object, uid: "u-1".to_owned() })[0].stage(), None);
}

#[test]
fn what_a_later_version_adds_is_left_out() {
    let (mut recorder, _) = recorder();
    let record = recorder.records(&note()).remove(0);
    let mut value = serde_json::to_value(&record).expect("JSON");
    value["surprise"] = json!(1);
    assert_eq!(serde_json::from_value::<EventRecord>(value.clone()).expect("a record"), record);
    value["v"] = json!("cht.event/v2");
    assert!(serde_json::from_value::<EventRecord>(value).is_err());
}

fn finished(failure: Failure) -> Vec<Value> {
    let (mut recorder, _) = recorder();
    let outcome =
        Outcome { result: Err(failure), counts: Counts::default(), requests: 7, duration: Duration::from_millis(1500) };
    let records = recorder.records(&Event::Finished(outcome));
    records.iter().map(|record| serde_json::to_value(record).expect("JSON")).collect()
}

/// The last record of a run that failed so, without what all of them have.
fn last(failure: Failure) -> Value {
    let mut last = finished(failure).pop().expect("a record");
    assert_eq!(
        (&last["type"], &last["requests"], &last["duration_seconds"]),
        (&json!("run.finished"), &json!(7), &json!(1.5))
    );
    let fields = last.as_object_mut().expect("an object");
    for common in ["v", "seq", "ts", "run", "type", "counts", "requests", "duration_seconds"] {
        assert!(fields.remove(common).is_some(), "{common}");
    }
    last
}

#[test]
fn every_failure_says_what_there_is_to_say() {
    let object = || ObjectKey::new(Kind::PersistentVolumeClaim, "ns", "couchdb-claim0");
    let error = || ClusterError::Invalid { object: object(), message: "no".to_owned() };
    let text = error().to_string();
    let holder = || LockHolder { identity: "ada@laptop/1/abc".to_owned(), since: None };
    let risk = DataRisk { rule: DataRule::ClaimSize, object: object(), consequence: "it shrinks".to_owned() };
    let difference = PlanDifference { object: "Secret/a".to_owned(), reason: Staleness::Added };
    let gvk = json!({ "group": "", "version": "v1", "kind": "PersistentVolumeClaim" });
    let obj = json!({ "gvk": gvk, "ns": "ns", "name": "couchdb-claim0" });
    for (failure, expected) in [
        (
            Failure::DataSafety(vec![risk]),
            json!({ "outcome": "data-safety", "risks": [
                { "rule": "claim-size", "obj": obj, "consequence": "it shrinks", "can_be_allowed": false },
            ] }),
        ),
        (Failure::Refused(vec![error()]), json!({ "outcome": "refused", "error": text, "refusals": [text] })),
        (Failure::Cluster(error()), json!({ "outcome": "refused", "error": text })),
        (Failure::NoPlan(crate::PlanError::Cluster(error())), json!({ "outcome": "refused", "error": text })),
        (Failure::Locked(holder()), json!({ "outcome": "locked", "holder": { "identity": "ada@laptop/1/abc" } })),
        (Failure::LockLost(None), json!({ "outcome": "lock-lost" })),
        (
            Failure::LockLost(Some(holder())),
            json!({ "outcome": "lock-lost", "holder": { "identity": "ada@laptop/1/abc" } }),
        ),
        (
            Failure::StalePlan(StalePlan { differences: vec![difference] }),
            json!({
                "outcome": "stale-plan",
                "error": "the plan does not hold any more: Secret/a is not in the plan",
                "differences": [{ "object": "Secret/a", "reason": "is not in the plan" }],
            }),
        ),
        (Failure::TimedOut(Vec::new()), json!({ "outcome": "timed-out" })),
        (
            Failure::StillStopping(BTreeSet::from(["cht-api-1".to_owned()])),
            json!({ "outcome": "timed-out", "pods": ["cht-api-1"] }),
        ),
        (Failure::Interrupted, json!({ "outcome": "interrupted" })),
    ] {
        assert_eq!(last(failure), expected);
    }
}

#[test]
fn what_is_broken_has_a_record_before_the_last() {
    let problem = Problem {
        code: ProblemCode::CrashLoop,
        object: ObjectKey::new(Kind::Pod, "ns", "cht-api-1"),
        container: Some("cht-api".to_owned()),
        node: Some("node-1".to_owned()),
        exit_code: Some(137),
        message: "it ends".to_owned(),
    };
    let logs = vec![LogTail { container: "cht-api".to_owned(), previous: true, lines: vec!["no".to_owned()] }];
    let evidence = Evidence { warnings: vec!["BackOff".to_owned()], logs };
    let records = finished(Failure::Workload(vec![Broken { component: Component::Api, problem, evidence }]));
    let [failed, last] = &records[..] else { panic!("{records:#?}") };
    assert_eq!((&failed["type"], &failed["seq"], &last["seq"]), (&json!("component.failed"), &json!(1), &json!(2)));
    assert_eq!(failed["obj"]["component"], "api");
    let evidence = json!({
        "container": "cht-api",
        "node": "node-1",
        "exit_code": 137,
        "warnings": ["BackOff"],
        "logs": [{ "container": "cht-api", "previous": true, "lines": ["no"] }],
    });
    assert_eq!((&failed["evidence"], &last["problems"][0]["evidence"]), (&evidence, &evidence));
}

#[test]
fn the_command_says_how_it_exits() {
    let (mut recorder, _) = recorder();
    let mut record = recorder.finished(RunFinished::early("refused"));
    let Happening::RunFinished(end) = &mut record.what else { panic!("{record:?}") };
    assert_eq!(end.exit_code, None);
    end.exit_code = Some(2);
    assert_eq!(serde_json::to_value(&record).expect("JSON")["exit_code"], 2);
}
