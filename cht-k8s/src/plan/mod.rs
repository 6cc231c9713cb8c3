//! What a deploy would change: each wanted object beside the live one, before anything is written.

mod compare;
mod credentials;
mod observe;
mod ownership;
mod safety;

pub use compare::{Change, Plan, PlanError, Step, plan};
pub use credentials::NoRandomness;
pub(crate) use credentials::{CREDENTIALS, StoredCredentials};
pub(crate) use observe::Observed;
pub use safety::{DataRisk, DataRule, UnknownRule};
