//! The events of a run as records that are written one to a line: `cht.event/v1`, for programs that follow a run.
//!
//! ```
//! use std::sync::Arc;
//!
//! use cht_k8s::event_record::Recorder;
//! use cht_k8s::sandbox::Sandbox;
//! use cht_k8s::{Cluster, Options, deploy, plan};
//! use futures::StreamExt;
//! # use cht_model::{Layer, Values};
//! # let text = "{namespace: a, chtversion: 5.3.0, cluster_type: k3s-k3d, environment: local, couchdb: {couchdb_node_storage_size: 1Gi}}";
//! # let instance = Values::load(&[Layer::new("values.yaml", text)])?.validate()?.value;
//! # futures::executor::block_on(async {
//! let cluster = Arc::new(Sandbox::new());
//! let options = Options::default();
//! let mut recorder = Recorder::new(cluster.clock(), options.run.clone());
//! let plan = plan(&*cluster, instance).await?;
//! let mut lines = Vec::new();
//! let mut events = deploy(cluster, plan, options);
//! while let Some(event) = events.next().await {
//!     for record in recorder.records(&event) {
//!         lines.push(serde_json::to_string(&record)?);
//!     }
//! }
//! assert!(lines.last().is_some_and(|line| line.contains(r#""type":"run.finished""#)));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod component;
mod deletion;
mod finished;
mod happening;
mod object;
mod plan;
mod record;
mod recorder;
mod schema;
mod started;
mod values;

pub use component::{BlockerRecord, ComponentFailed, ComponentState, EvidenceRecord, HealthState, LogRecord};
pub use deletion::{KeptRecord, RemainsRecord};
pub use finished::{DataRiskRecord, DifferenceRecord, RunFinished};
pub use happening::{
    AppliedChange, Happening, HolderRecord, LockTakenOver, LockWaiting, Note, ObjectApplied, ObjectRemoved,
    RevisionStarted, RunWaiting, StageStarted,
};
pub use object::{Gvk, ObjectRecord};
pub use plan::{PlanMade, PlannedRecord};
pub use record::{EventRecord, Form};
pub use recorder::Recorder;
pub use schema::schema;
pub use started::RunStarted;
pub use values::ValueProblem;

#[cfg(test)]
mod tests;
