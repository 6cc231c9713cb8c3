//! What a run tells whoever started it, while it goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use cht_manifests::{Component, ObjectKey, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::CannotRestart;
use crate::ClusterError;
use crate::LockHolder;
use crate::NotConfirmed;
use crate::doctor::Finding;
use crate::health::{ComponentHealth, Evidence, Problem};
use crate::plan::{Change, DataRisk, Downtime, PlanError, StalePlan, Superseded};

/// One thing that happened in a run. The last one is always [`Event::Finished`].
#[derive(Debug)]
pub enum Event {
    /// What is there has been compared with what is wanted.
    Planned {
        /// What the plan is known again by.
        hash: String,
        /// Each object with what will happen to it, in the order in which they are applied.
        steps: Vec<PlannedStep>,
        /// What the instance owns and does not want any more.
        superseded: Vec<Superseded>,
    },
    /// Something that a person should know.
    Note(String),
    /// A stage's objects are being applied.
    StageStarted(Stage),
    /// An object was applied.
    Applied {
        /// The object.
        object: ObjectKey,
        /// Its identity.
        uid: String,
        /// Whether it is new, changed, or was as wanted.
        change: Applied,
    },
    /// An object was removed.
    Removed {
        /// The object.
        object: ObjectKey,
        /// The identity that it had.
        uid: String,
    },
    /// Something about the lock that only one run of an instance can hold.
    Lock(LockEvent),
    /// What is about to be done was written down as a revision.
    RevisionStarted(u32),
    /// A component's health is another than before.
    HealthChanged(ComponentHealth),
    /// Nothing has happened for a while; these components are waited for.
    StillWaiting {
        /// How long the run has taken.
        elapsed: Duration,
        /// What is waited for.
        waiting: Vec<ComponentHealth>,
    },
    /// The run is over.
    Finished(Outcome),
}

/// One object of a plan that is about to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The object.
    pub object: ObjectKey,
    /// What it is a part of.
    pub component: Component,
    /// The identity of the object that is there, if one is.
    pub uid: Option<String>,
    /// What will happen to it.
    pub change: Change,
    /// What people would notice, where its pods are replaced.
    pub restarts: Option<Downtime>,
}

/// Something about the lock of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockEvent {
    /// Another run holds it.
    Waiting {
        /// That run.
        holder: LockHolder,
        /// For how long this one waits.
        wait: Duration,
    },
    /// The lock of a run that has not renewed it in time was taken over.
    TakenOver {
        /// That run.
        from: LockHolder,
    },
}

/// What applying an object did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is new.
    Created,
    /// It has changed.
    Changed,
    /// It was as wanted.
    Unchanged,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// What came of it.
    pub result: Result<Success, Failure>,
    /// How many objects were new, changed, unchanged.
    pub counts: Counts,
    /// How many requests were made.
    pub requests: u64,
    /// How long it took, by the cluster's clock.
    pub duration: Duration,
}

/// How many objects a run touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// New objects.
    pub created: usize,
    /// Changed objects.
    pub changed: usize,
    /// Objects that were as wanted.
    pub unchanged: usize,
    /// Removed objects.
    pub removed: usize,
}

/// A run that did what it was for.
#[derive(Debug, PartialEq, Eq)]
pub enum Success {
    /// The instance is as wanted, and every component is ready.
    Deployed {
        /// Every component.
        components: Vec<ComponentHealth>,
        /// The address that people open.
        address: String,
    },
    /// What was to be restarted runs anew, and is ready.
    Restarted {
        /// The components that were restarted.
        components: Vec<ComponentHealth>,
    },
    /// Nothing of the instance runs any more.
    Uninstalled {
        /// What was kept: all that holds data, or holds it together.
        kept: Vec<ObjectKey>,
    },
    /// Nothing of the instance runs any more, and its data is deleted.
    DataDeleted {
        /// What held data, or held it together, and was deleted. What was remembered of the instance is gone, too.
        deleted: Vec<ObjectKey>,
        /// What was kept.
        kept: Vec<Kept>,
        /// Where data still lies: on disks that no object stands for any more, and on those of volumes that were kept.
        remains: Vec<Remains>,
    },
}

/// Something that was kept when data was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The object.
    pub object: ObjectKey,
    /// Why it was kept.
    pub reason: String,
}

/// Data that no object of the instance stands for any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// The object that named the place.
    pub object: ObjectKey,
    /// The place, e.g. `EBS volume vol-0a1b` or `folder /srv/couchdb1 of node alpha`.
    pub place: String,
}

/// Why a run did not do what it was for.
#[derive(Debug)]
pub enum Failure {
    /// Data would be lost, or seem so: nothing was changed.
    DataSafety(Vec<DataRisk>),
    /// The cluster is not what a deploy needs: what was found, and nothing was changed.
    Preflight(Vec<Finding>),
    /// Objects cannot become as wanted: each with the reason, and nothing was changed.
    Refused(Vec<ClusterError>),
    /// Another run holds the lock: nothing was changed.
    Locked(LockHolder),
    /// The lock could not be renewed in time, so nothing was written any more.
    LockLost(Option<LockHolder>),
    /// What would be done is not what was approved any more: nothing was changed.
    StalePlan(StalePlan),
    /// After the lock was there, the instance could not be looked at anew.
    NoPlan(PlanError),
    /// The cluster refused or was not there.
    Cluster(ClusterError),
    /// Something is broken that waiting does not mend.
    Workload(Vec<Broken>),
    /// Time is up, and nothing is known to be broken.
    TimedOut(Vec<ComponentHealth>),
    /// Time is up, and these pods have not stopped yet.
    StillStopping(BTreeSet<String>),
    /// Time is up, and these objects are being deleted and not gone yet.
    StillThere(BTreeSet<ObjectKey>),
    /// The data of another instance was meant: nothing was changed.
    NotConfirmed(NotConfirmed),
    /// A component cannot be started anew: nothing was changed.
    CannotRestart(CannotRestart),
    /// It was told to stop.
    Interrupted,
}

/// A component that does not get ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The component.
    pub component: Component,
    /// What is wrong.
    pub problem: Problem,
    /// What backs it.
    pub evidence: Evidence,
}
