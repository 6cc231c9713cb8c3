//! What a deploy would change: each wanted object beside the live one, before anything is written.

mod claim_size;
mod classify;
mod credential_risk;
mod credentials;
mod data_place;
mod difference;
mod downtime;
mod drift;
mod existing_secret;
mod hash;
mod host_claim;
mod major;
mod make;
mod mask;
mod observe;
mod ownership;
mod path;
#[expect(clippy::module_inception, reason = "the type that the module is about")]
mod plan;
mod prune;
mod record;
mod remembered;
mod rollback;
mod safety;
mod stale;
mod step;
#[cfg(test)]
mod testing;
mod trial;
mod wanted;

pub(crate) use credentials::StoredCredentials;
pub use credentials::{NoRandomness, generate_credential};
pub(crate) use data_place::{host_path_of, node_of};
pub use downtime::Downtime;
pub use drift::{Drift, DriftClass, DriftError, DriftedField, DriftedObject, drift};
pub use existing_secret::UnusableSecret;
pub(crate) use host_claim::taken_host;
pub use make::{PlanError, plan, plan_wanted, plan_with};
pub(crate) use observe::{LISTED, Observed, observe_volumes};
pub(crate) use ownership::is_as_applied;
pub use plan::Plan;
pub use prune::{Fate, Superseded};
pub use record::{NotAPlan, PlanRecord, RiskRecord, StepRecord};
pub use rollback::plan_rollback;
pub use safety::{DataRisk, DataRule, UnknownRule};
pub use stale::{PlanDifference, StalePlan, Staleness};
pub use step::{Change, FieldChange, Step};
pub use wanted::Wanted;
