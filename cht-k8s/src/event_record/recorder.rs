//! Turns the events of a run into its records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Component, ObjectKey};
use k8s_openapi::jiff::Timestamp;

use super::component::{ComponentFailed, ComponentState};
use super::finished::RunFinished;
use super::happening::{
    Happening, LockTakenOver, LockWaiting, Note, ObjectApplied, ObjectRemoved, RevisionStarted, RunWaiting,
    StageStarted,
};
use super::object::ObjectRecord;
use super::plan::PlanMade;
use super::record::{EventRecord, Form, Header};
use super::started::RunStarted;
use crate::events::{Event, Failure, LockEvent, Outcome, PlannedStep};
use crate::plan::Superseded;
use crate::{Clock, RunId};

/// Numbers and dates what happens in one run.
pub struct Recorder {
    clock: Arc<dyn Clock>,
    run: RunId,
    begun: Timestamp,
    seq: u64,
    last: Timestamp,
    rev: Option<u32>,
    stage: Option<String>,
    components: BTreeMap<ObjectKey, Component>,
    /// What is removed after the last stage.
    superseded: BTreeSet<ObjectKey>,
}

impl Recorder {
    /// Of a run that begins now, by the cluster's clock. The run's options have its identity.
    pub fn new(clock: Arc<dyn Clock>, run: RunId) -> Self {
        let begun = clock.now();
        Self {
            clock,
            run,
            begun,
            seq: 0,
            last: begun,
            rev: None,
            stage: None,
            components: BTreeMap::new(),
            superseded: BTreeSet::new(),
        }
    }

    /// How long ago the run began.
    pub fn elapsed(&self) -> Duration {
        Duration::try_from(self.clock.now().duration_since(self.begun)).unwrap_or_default()
    }

    /// The first record: what the run is for.
    pub fn started(&mut self, start: RunStarted) -> EventRecord {
        self.record(start)
    }

    /// The records of an event, in order. Those of [`Event::Finished`] end with [`Happening::RunFinished`].
    pub fn records(&mut self, event: &Event) -> Vec<EventRecord> {
        match event {
            Event::Planned { hash, steps, superseded } => vec![self.planned(hash, steps, superseded)],
            Event::Note(message) => vec![self.record(Note { message: message.clone() })],
            Event::Lock(LockEvent::Waiting { holder, wait }) => {
                vec![self.record(LockWaiting { holder: holder.into(), wait_seconds: wait.as_secs_f64() })]
            }
            Event::Lock(LockEvent::TakenOver { from }) => vec![self.record(LockTakenOver { holder: from.into() })],
            Event::RevisionStarted(number) => {
                self.rev = Some(*number);
                vec![self.record(RevisionStarted {})]
            }
            Event::StageStarted(stage) => {
                self.stage = Some(stage.to_string());
                vec![self.record(StageStarted {})]
            }
            Event::Applied { object, uid, change } => {
                let obj = self.object(object, uid);
                vec![self.record(ObjectApplied { obj, change: (*change).into() })]
            }
            Event::Removed { object, uid } => {
                if self.superseded.contains(object) {
                    self.stage = None;
                }
                let obj = self.object(object, uid);
                vec![self.record(ObjectRemoved { obj })]
            }
            Event::HealthChanged(component) => vec![self.record(ComponentState::from(component))],
            Event::StillWaiting { elapsed, waiting } => {
                let waiting = waiting.iter().map(ComponentState::from).collect();
                vec![self.record(RunWaiting { elapsed_seconds: elapsed.as_secs_f64(), waiting })]
            }
            Event::Finished(outcome) => self.ended(outcome),
        }
    }

    /// The last record of a run that ended without [`Event::Finished`], for example because there is no plan.
    pub fn finished(&mut self, end: RunFinished) -> EventRecord {
        self.record(end)
    }

    fn planned(&mut self, hash: &str, steps: &[PlannedStep], superseded: &[Superseded]) -> EventRecord {
        self.components = steps.iter().map(|step| (step.object.clone(), step.component)).collect();
        self.superseded = superseded.iter().map(|superseded| superseded.object.clone()).collect();
        self.record(PlanMade::new(hash, steps, superseded))
    }

    fn ended(&mut self, outcome: &Outcome) -> Vec<EventRecord> {
        let broken = match &outcome.result {
            Ok(_) => {
                self.stage = None;
                &[][..]
            }
            Err(Failure::Workload(broken)) => broken,
            Err(_) => &[],
        };
        let mut records: Vec<_> = broken.iter().map(|broken| self.record(ComponentFailed::from(broken))).collect();
        records.push(self.record(RunFinished::from(outcome)));
        records
    }

    fn object(&self, key: &ObjectKey, uid: &str) -> ObjectRecord {
        ObjectRecord::from(key).of(self.components.get(key).copied()).with_uid(Some(uid))
    }

    fn record(&mut self, what: impl Into<Happening>) -> EventRecord {
        self.seq += 1;
        // A machine's clock may be set back.
        self.last = self.last.max(self.clock.now());
        let ts = Timestamp::from_millisecond(self.last.as_millisecond()).unwrap_or(self.last);
        let (run, rev, stage) = (self.run.clone(), self.rev, self.stage.clone());
        EventRecord { header: Header { v: Form::V1, seq: self.seq, ts, run, rev, stage }, what: what.into() }
    }
}
