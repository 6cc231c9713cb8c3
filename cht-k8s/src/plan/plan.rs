//! A plan: what a deploy would do, decided before anything is written.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use cht_manifests::{Kind, ObjectKey};
use cht_model::{Instance, NamespaceName, ProjectName};

use super::credentials::StoredCredentials;
use super::downtime::Downtime;
use super::make::{PlanError, plan_wanted, plan_with};
use super::observe::Observed;
use super::prune::{Fate, Superseded};
use super::record::PlanRecord;
use super::rollback::plan_rollback;
use super::safety::DataRisk;
use super::step::Step;
use super::wanted::Wanted;
use crate::redact::Redactor;
use crate::web::Web;
use crate::{Action, Cluster, ClusterError};

/// What a deploy would do, decided before anything is written.
#[derive(Debug)]
pub struct Plan {
    pub(crate) wanted: Wanted,
    pub(crate) steps: Vec<Step>,
    pub(crate) observed: Observed,
    pub(crate) redactor: Redactor,
    pub(crate) requests_before: u64,
    pub(crate) superseded: Vec<Superseded>,
    pub(super) on_record: bool,
    pub(super) origin: Origin,
    /// What it is held to.
    pub(super) approved: Option<Box<PlanRecord>>,
    pub(super) risks: Vec<DataRisk>,
    pub(super) notes: Vec<String>,
}

/// What a plan was made for, before it was completed from what was there.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Instance {
        instance: Box<Instance>,
        web: Servers,
    },
    Wanted(Box<Wanted>),
    /// This revision of an instance.
    Revision {
        instance: Box<Instance>,
        number: u32,
    },
}

/// The web servers that a plan was made with.
#[derive(Clone)]
pub(super) struct Servers(pub(super) Arc<dyn Web>);

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Servers")
    }
}

impl Plan {
    /// What it is done for.
    pub fn action(&self) -> Action {
        self.wanted.action
    }

    /// Which instance it is for.
    pub fn project(&self) -> &ProjectName {
        &self.wanted.project
    }

    /// The instance's namespace.
    pub fn namespace(&self) -> &NamespaceName {
        &self.wanted.namespace
    }

    /// CHT's version.
    pub fn version(&self) -> &str {
        &self.wanted.version
    }

    /// The address that people open.
    pub fn address(&self) -> &str {
        &self.wanted.address
    }

    /// Each object, in the order in which it would be applied.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the deploy would do to data.
    pub fn risks(&self) -> &[DataRisk] {
        &self.risks
    }

    /// What the instance owns and does not want any more.
    pub fn superseded(&self) -> &[Superseded] {
        &self.superseded
    }

    /// What a person should know besides.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Why the cluster would not let objects become as wanted. A deploy of such a plan changes nothing.
    pub fn refusals(&self) -> Vec<ClusterError> {
        self.steps.iter().filter_map(Step::refusal).collect()
    }

    /// What people would notice while it is done, the least first.
    pub fn downtime(&self) -> BTreeSet<Downtime> {
        self.steps.iter().filter_map(|step| step.restarts).filter(|down| *down != Downtime::Unnoticed).collect()
    }

    /// The credentials that CouchDB has when all is as wanted.
    pub(crate) fn credentials(&self) -> StoredCredentials {
        let name = self.wanted.manifests.credentials_secret();
        let secret = ObjectKey::new(Kind::Secret, self.namespace().as_str(), name);
        StoredCredentials::wanted(&self.wanted.manifests).or(StoredCredentials::of(self.observed.get(&secret)))
    }

    /// Whether the last recorded run wanted the same, and came to its end.
    pub(crate) fn is_on_record(&self) -> bool {
        self.on_record
    }

    /// Whether every object is as wanted, and none is to be removed.
    pub fn is_unchanged(&self) -> bool {
        let prunes = self.superseded.iter().any(|superseded| matches!(superseded.fate, Fate::Prune { .. }));
        !prunes && self.steps.iter().all(|step| step.change.is_as_wanted())
    }

    /// What the plan is known again by: it is the same as long as the same would be done to the same objects.
    pub fn hash(&self) -> String {
        self.record().hash
    }

    /// Looks again, and plans for what is there then. Its requests count from where those of this plan do.
    ///
    /// # Errors
    ///
    /// As [`plan`](crate::plan()); and when the plan was [`approved`](Self::approved) and something else would be done now.
    pub async fn again(&self, cluster: &dyn Cluster) -> Result<Self, PlanError> {
        let planned = match &self.origin {
            Origin::Instance { instance, web: Servers(web) } => {
                plan_with(cluster, (**instance).clone(), Arc::clone(web)).await?
            }
            Origin::Wanted(wanted) => plan_wanted(cluster, (**wanted).clone()).await?,
            Origin::Revision { instance, number } => plan_rollback(cluster, instance, Some(*number)).await?,
        };
        let planned = Self { requests_before: self.requests_before, ..planned };
        match &self.approved {
            Some(record) => Ok(planned.approved((**record).clone())?),
            None => Ok(planned),
        }
    }
}
