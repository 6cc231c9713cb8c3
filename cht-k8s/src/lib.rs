//! Applies the objects of a Community Health Toolkit (CHT) instance to a cluster and watches until they are healthy.

mod access;
mod actor;
mod administrator;
mod amount;
mod canonical;
mod clock;
mod cluster;
mod component_name;
mod deploy;
mod describe;
pub mod doctor;
mod done;
mod error;
pub mod event_record;
mod events;
mod forward;
mod health;
mod known_secrets;
mod kube_cluster;
mod labels;
mod listed;
mod live;
mod lock;
mod log_lines;
mod look_error;
mod measure;
mod mirror;
mod plan;
mod records;
mod redact;
mod resources;
mod restart;
mod retry;
mod run;
pub mod sandbox;
mod service;
mod status;
mod strategy;
mod tail;
mod takeover;
pub mod tls;
mod uninstall;
mod volumes;
mod web;

pub use access::{Access, Rules};
pub use actor::{Actor, RunId};
pub use administrator::{Administrator, administrator};
pub use amount::Amount;
pub use clock::{Clock, SystemClock};
pub use cluster::{
    ApplyMode, Cluster, FIELD_MANAGER, Listing, LogOptions, ServerInfo, ServerVersion, Watch, WatchEvent,
};
pub use component_name::{ComponentName, ComponentNotThere, InvalidComponentName};
pub use deploy::{Options, deploy};
pub use describe::{
    Condition, ContainerTemplate, DescribedComponent, DescribedContainer, DescribedPod, DescribedService, Description,
    Happening, LastEnd, Replicas, describe,
};
pub use error::{ClusterError, FieldConflict};
pub use events::{Applied, Broken, Counts, Event, Failure, Kept, LockEvent, Outcome, PlannedStep, Remains, Success};
/// A moment, as the clocks of clusters tell it.
pub use k8s_openapi::jiff::Timestamp;

pub use forward::{Connection, Forward, ForwardError};
pub use health::{
    Blocker, ClaimHealth, ClaimState, ComponentHealth, Evidence, Health, LogTail, Problem, ProblemCode, Unchecked,
    Waiting,
};
pub use kube_cluster::{ConnectError, ConnectOptions, KubeCluster};
pub use live::LiveObject;
pub use lock::{LockHolder, LockOptions};
pub use log_lines::{LogLines, LogRequest, WrittenLine};
pub use look_error::LookError;
pub use measure::Measure;
pub use plan::{
    Change, DataRisk, DataRule, Downtime, Drift, DriftClass, DriftError, DriftedField, DriftedObject, Fate,
    FieldChange, NoRandomness, NotAPlan, Plan, PlanDifference, PlanError, PlanRecord, RiskRecord, StalePlan, Staleness,
    Step, StepRecord, Superseded, UnknownRule, UnusableSecret, Wanted, drift, generate_credential, plan, plan_rollback,
    plan_wanted, plan_with,
};
pub use records::{
    Action, RecordError, RecordedChange, Revision, RevisionOutcome, RevisionSummary, RollbackError, history, revision,
};
pub use resources::{ClaimUse, ComponentUse, NodeUse, Resources, resources};
pub use restart::{CannotRestart, NoSuchComponent, RestartOptions, components_of, restart};
pub use run::Stop;
pub use service::{ServiceAnswer, ServiceRequest, ServiceResponse};
pub use status::{Status, status, watch_status};
pub use tail::{LogLine, Missed, TailOptions, Tailed, Tailing, tail};
pub use uninstall::{Confirmed, DataFate, NotConfirmed, UninstallOptions, uninstall};
pub use volumes::{ClaimedVolume, LeftVolume, MountedBy, NodeFolder, Volumes, volumes};
pub use web::{Internet, Web, WebAnswer, WebError, WebRequest};
