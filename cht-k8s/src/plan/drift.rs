//! What differs between the cluster and what the newest revision made of it. Only reads, and trials of the server.
//!
//! A field that nobody recorded is nobody's drift: what the server fills in and what others add stays out of it.

mod secret;

use cht_manifests::{Component, Kind, Manifest, Manifests, Needed, Object, ObjectKey, is_certificate_secret};
use cht_model::{CredentialKey, Instance};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt, TryStreamExt};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::classify::{IN_PARALLEL, bare};
use super::credentials::StoredCredentials;
use super::difference::differences;
use super::mask::{Made, Masks};
use super::observe::{Observed, observe};
use super::ownership::is_as_applied;
use super::step::{Change, FieldChange};
use super::trial::{Trial, try_out};
use crate::records::{Action, RecordError, RevisionOutcome, RevisionSummary, inventory, newest, recorded};
use crate::redact::Redactor;
use crate::{Cluster, ClusterError, FIELD_MANAGER, FieldConflict, LiveObject};

/// How an instance differs from what its newest revision made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The revision: the newest deploy or rollback that came to its end.
    pub revision: RevisionSummary,
    /// How many objects were compared.
    pub compared: usize,
    /// Those that differ.
    pub drifted: Vec<DriftedObject>,
    /// What a person should know besides.
    pub notes: Vec<String>,
}

/// An object that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftedObject {
    /// The object.
    pub object: ObjectKey,
    /// What it is a part of.
    pub component: Component,
    /// How it differs.
    pub class: DriftClass,
    /// The fields that differ, as far as they are known.
    pub fields: Vec<DriftedField>,
    /// Who has fields now that were recorded.
    pub owners: Vec<FieldConflict>,
    /// The server's words, where it does not try to put the object right.
    pub message: Option<String>,
}

/// How an object differs from what was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftClass {
    /// It is not there.
    Missing,
    /// It is on its way out.
    Deleting,
    /// Recorded fields of it have other values.
    Changed,
    /// It seems to be changed, and the server cannot say in what.
    Untried,
}

impl DriftClass {
    /// The class's name, e.g. `missing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Deleting => "deleting",
            Self::Changed => "changed",
            Self::Untried => "untried",
        }
    }
}

/// A field that is not as it was recorded. Secrets stand in neither value; marks in place of them are equal where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftedField {
    /// The field, e.g. `.spec.replicas`.
    pub field: String,
    /// Its value as it was recorded; none where nothing was.
    pub recorded: Option<Value>,
    /// Its value now; none where it is not set.
    pub live: Option<Value>,
}

/// Why the cluster cannot be compared with the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DriftError {
    /// The records cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// What is there could not be looked at.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// No deploy of this project is on record.
    #[error("{project} has no record to compare with: no deploy of it by this tool came to its end")]
    NoRecord {
        /// The instance.
        project: String,
    },
    /// The instance was taken out.
    #[error("{project} was uninstalled by revision {number}: there is nothing to compare")]
    Uninstalled {
        /// The instance.
        project: String,
        /// The uninstall.
        number: u32,
    },
    /// What was wanted was too large to be kept.
    #[error(
        "the objects of revision {number} of {project} were too large to be kept: there is nothing to compare with"
    )]
    TooLarge {
        /// The instance.
        project: String,
        /// The revision.
        number: u32,
    },
}

/// Compares what is there with what the newest revision recorded. Changes nothing: what is not provably as recorded is tried
/// by the server.
///
/// # Errors
///
/// When there is no record to compare with, or the cluster does not answer or refuses to be looked at.
pub async fn drift(cluster: &dyn Cluster, instance: &Instance) -> Result<Drift, DriftError> {
    let (namespace, project) = (instance.namespace(), instance.project());
    let revisions = inventory(cluster, namespace, project).await?.revisions;
    let newest = newest(&revisions).ok_or_else(|| DriftError::NoRecord { project: project.to_string() })?;
    let later: Vec<_> = revisions.iter().filter(|revision| revision.number > newest.number).collect();
    let is_uninstall = |revision: &&&RevisionSummary| {
        revision.action == Action::Uninstall && revision.outcome == RevisionOutcome::Done
    };
    if let Some(uninstall) = later.iter().find(is_uninstall) {
        return Err(DriftError::Uninstalled { project: project.to_string(), number: uninstall.number });
    }
    let revision = recorded(cluster, namespace, project, newest.number).await?;
    let manifests = revision
        .manifests
        .ok_or_else(|| DriftError::TooLarge { project: project.to_string(), number: newest.number })?;
    let lasting: Manifests = manifests.into_iter().filter(is_lasting).collect();

    let credentials = ObjectKey::new(Kind::Secret, namespace.as_str(), lasting.credentials_secret());
    let observed = observe(cluster, &lasting, namespace.as_str(), std::slice::from_ref(&credentials)).await?;
    let stored = StoredCredentials::of(observed.get(&credentials));
    let redactor = Redactor::of(instance).and_stored(&stored);
    let nothing_given = StoredCredentials::default();
    let masks = Masks::new(&redactor, &nothing_given, &stored, Made::default());
    let key = stored.get(CredentialKey::Secret.secret_key());
    let key = key.map(|key| key.expose_secret().as_bytes()).unwrap_or_default();
    let comparisons: Vec<BoxFuture<'_, _>> =
        lasting.iter().map(|manifest| Box::pin(compare(cluster, manifest, &observed, &masks, key)) as _).collect();
    let drifted: Result<Vec<_>, _> = stream::iter(comparisons).buffered(IN_PARALLEL).try_collect().await;
    let drifted = drifted.map_err(|error: ClusterError| redactor.redact_error(error))?;
    Ok(Drift {
        revision: newest.clone(),
        compared: lasting.iter().count(),
        drifted: drifted.into_iter().flatten().collect(),
        notes: later.into_iter().map(since).collect(),
    })
}

fn since(later: &RevisionSummary) -> String {
    let RevisionSummary { number, action, outcome, .. } = later;
    format!("revision {number} ({action}) came later, and is {outcome}: what it did shows as drift")
}

/// Whether the object is there as long as the instance is, and is the instance's own.
fn is_lasting(manifest: &Manifest) -> bool {
    matches!(manifest.needed, Needed::Always | Needed::Given) && manifest.object.kind() != Kind::Namespace
}

async fn compare(
    cluster: &dyn Cluster,
    manifest: &Manifest,
    observed: &Observed,
    masks: &Masks<'_>,
    key: &[u8],
) -> Result<Option<DriftedObject>, ClusterError> {
    let object = &manifest.object;
    let drifted = |class, fields, owners, message| {
        Some(DriftedObject { object: object.key(), component: manifest.component, class, fields, owners, message })
    };
    let because = |class| drifted(class, Vec::new(), Vec::new(), None);
    let Some(live) = observed.get(&object.key()) else { return Ok(because(DriftClass::Missing)) };
    if live.is_terminating() {
        return Ok(because(DriftClass::Deleting));
    }
    // A certificate that was renewed or set since then is no drift: `cht tls status` says whether it is right.
    if is_certificate_secret(object) {
        return Ok(None);
    }
    if let Object::Secret(recorded) = object {
        let fields = secret::differing(recorded, live, key)?;
        return Ok(if fields.is_empty() { None } else { drifted(DriftClass::Changed, fields, Vec::new(), None) });
    }
    if is_as_applied(live, &object.to_value()) {
        return Ok(None);
    }
    // Whoever has taken a field: what matters is that it is another than was recorded.
    let (live, trial) = try_out(cluster, object, Some(live), |_| true).await?;
    let refused =
        |class, message: &str| Ok(drifted(class, Vec::new(), Vec::new(), Some(masks.redactor().redact(message))));
    match (trial, live) {
        (Trial::Accepted { .. }, None) => Ok(because(DriftClass::Missing)),
        (Trial::Accepted { result, mut owners }, Some(live)) => {
            owners.retain(|conflict| conflict.manager != FIELD_MANAGER);
            let fields = fields(object.kind(), &live, &result, masks);
            Ok(if fields.is_empty() { None } else { drifted(DriftClass::Changed, fields, owners, None) })
        }
        (Trial::Refused(Change::Denied { error: error @ ClusterError::Forbidden { .. } }), _) => Err(error),
        (Trial::Refused(Change::Denied { error }), _) => refused(DriftClass::Changed, &error.to_string()),
        (Trial::Refused(Change::Immutable { message }), _) => refused(DriftClass::Changed, &message),
        (Trial::Refused(Change::Untried { message }), _) => refused(DriftClass::Untried, &message),
        (Trial::Refused(Change::Conflict { fields }), _) => Ok(drifted(DriftClass::Changed, Vec::new(), fields, None)),
        // Nothing else is a refusal.
        (Trial::Refused(_), _) => Ok(because(DriftClass::Changed)),
    }
}

/// What would have to change for the object to be as it was recorded, the other way round.
fn fields(kind: Kind, live: &LiveObject, recorded: &LiveObject, masks: &Masks<'_>) -> Vec<DriftedField> {
    let found = differences(&bare(live), &bare(recorded));
    let shown = found.iter().map(|difference| masks.change(kind, difference));
    shown.map(|FieldChange { field, old, new }| DriftedField { field, recorded: new, live: old }).collect()
}

#[cfg(test)]
mod tests;
