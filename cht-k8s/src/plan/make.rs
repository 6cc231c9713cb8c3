//! Makes a plan: looks at what is there, completes what is wanted, and compares the two.

use std::sync::Arc;

use cht_manifests::{Kind, Manifests, Needed, ObjectKey, manifests};
use cht_model::{CredentialKey, Instance, Platform, TLS_SECRET, TlsSecret};

use super::claim_size::classes_to_look_at;
use super::classify::steps;
use super::credential_risk::secret_in_use;
use super::credentials::{NoRandomness, StoredCredentials};
use super::existing_secret::{ExistingSecret, UnusableSecret};
use super::host_claim::refuse_claimed;
use super::major::older_major;
use super::mask::{Made, Masks};
use super::observe::{Observed, observe};
use super::plan::{Origin, Plan, Servers};
use super::prune::{Fate, Superseded, superseded, unwanted};
use super::remembered::Remembered;
use super::safety::{risks, risks_to_kept};
use super::stale::StalePlan;
use super::wanted::Wanted;
use crate::records::{Inventory, Owned, RollbackError, inventory_key};
use crate::redact::Redactor;
use crate::tls::{self, CertificateError};
use crate::web::{Internet, Web};
use crate::{Cluster, ClusterError, LiveObject};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// What is there could not be looked at.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The namespace is being deleted: what is applied to it would go with it.
    #[error("Namespace/{namespace} is being deleted; wait until it is gone, then deploy again")]
    NamespaceTerminating {
        /// The namespace.
        namespace: String,
    },
    /// The credentials that the values leave out could not be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The Secret with the credentials, which someone else manages, is not what it must be.
    #[error(transparent)]
    UnusableSecret(#[from] UnusableSecret),
    /// The certificate that the values want cannot be had.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no revision that can be gone back to.
    #[error(transparent)]
    Rollback(#[from] RollbackError),
    /// Something else would be done than was approved.
    #[error(transparent)]
    Stale(#[from] StalePlan),
}

/// Compares an instance with a cluster. Changes nothing: what is not provably as wanted is tried by the server.
///
/// Where all is as wanted, the number of requests does not depend on the number of objects.
///
/// # Errors
///
/// When the cluster does not answer or refuses to be looked at, when the namespace is being deleted, or when the certificate
/// that the values want cannot be had.
pub async fn plan(cluster: &dyn Cluster, instance: Instance) -> Result<Plan, PlanError> {
    plan_with(cluster, instance, Arc::new(Internet::new())).await
}

/// As [`plan`], with other web servers than those of the internet.
///
/// # Errors
///
/// As [`plan`].
pub async fn plan_with(cluster: &dyn Cluster, instance: Instance, web: Arc<dyn Web>) -> Result<Plan, PlanError> {
    let requests_before = cluster.requests();
    let namespace = instance.namespace().as_str();
    let tls_key = ObjectKey::new(Kind::Secret, namespace, TLS_SECRET);
    let uses = uses_tls_secret(&instance);
    let decides = (uses == Some(TlsSecret::WhenPresent)).then(|| tls_key.clone());
    let project = instance.project().as_str();
    let credentials_key = ObjectKey::new(Kind::Secret, namespace, instance.couchdb().credentials_secret.name());
    let also = decides.into_iter().chain([credentials_key.clone()]).chain(tls::keys(&instance));
    let mut observed = look(cluster, &manifests(&instance), (namespace, project), also).await?;
    let has_ingress = observed.of_kind(Kind::Ingress).next().is_some();
    // Where the values name its source, that is looked at, and says what is wrong.
    let asks_for_one = uses == Some(TlsSecret::Used) && !has_ingress && instance.certificate().is_none();
    if asks_for_one {
        observed.look_at(cluster, std::slice::from_ref(&tls_key)).await?;
    }

    let lacks_tls = asks_for_one && observed.get(&tls_key).is_none();
    let mut notes = notes_on(&observed, namespace, lacks_tls.then_some(&tls_key));
    let certificate = tls::wanted(&instance, &observed, &*web, &*cluster.clock()).await?;
    let origin = Origin::Instance { instance: Box::new(instance.clone()), web: Servers(web) };
    let instance = if uses == Some(TlsSecret::WhenPresent) && observed.get(&tls_key).is_some() {
        instance.with_tls_secret_present()
    } else {
        instance
    };
    let (wanted, made) = if instance.couchdb().credentials_secret.is_existing() {
        let secret = ExistingSecret::check(&instance, observed.get(&credentials_key), &credentials_key)?;
        (secret.wanted(&instance), Made::default())
    } else {
        complete(cluster, instance, &credentials_key, &mut observed, &mut notes).await?
    };
    notes.extend(certificate.notes);
    let wanted = Wanted { manifests: wanted.manifests.into_iter().chain(certificate.manifests).collect(), ..wanted };
    let made = made.and_entries(certificate.made);
    let known = Redactor::default().and_texts(&certificate.secrets);
    decide(cluster, wanted, made, observed, Basis { origin, notes, requests_before, known }).await
}

/// What an instance wants with the credentials that its values leave out: those that CouchDB runs with, else those that its
/// Secret has kept, else new ones.
async fn complete(
    cluster: &dyn Cluster,
    instance: Instance,
    own: &ObjectKey,
    observed: &mut Observed,
    notes: &mut Vec<String>,
) -> Result<(Wanted, Made), PlanError> {
    let mut stored = StoredCredentials::of(observed.get(own));
    if let Some(other) = look_at_secret_in_use(cluster, own, observed).await? {
        let taken: Vec<_> = instance.couchdb().credentials.missing().map(CredentialKey::values_key).collect();
        if !taken.is_empty() {
            notes.push(format!("{} not in the values: as in {other}, and from now on kept in {own}", taken.join(", ")));
        }
        stored = StoredCredentials::of(observed.get(&other)).or(stored);
    }
    let generated: Vec<_> = stored.lacking(&instance).collect();
    if generated.is_empty() {
        return Ok((Wanted::of(&stored.complete(instance)?), Made::default()));
    }
    let names: Vec<_> = generated.iter().map(|key| key.values_key()).collect();
    notes.push(format!("{} not in the values: made now, and kept in {own}", names.join(", ")));
    let wanted = Wanted::of(&stored.complete(instance.clone())?);
    let made = Made::of(generated, &wanted.manifests, &manifests(&stored.complete(instance)?));
    Ok((wanted, made))
}

/// Looks at the Secret that CouchDB runs with, where it is there and another than the wanted one.
async fn look_at_secret_in_use(
    cluster: &dyn Cluster,
    wanted: &ObjectKey,
    observed: &mut Observed,
) -> Result<Option<ObjectKey>, ClusterError> {
    let in_use = secret_in_use(observed).map(|name| ObjectKey { name, ..wanted.clone() });
    let Some(in_use) = in_use.filter(|in_use| in_use != wanted) else { return Ok(None) };
    observed.look_at(cluster, std::slice::from_ref(&in_use)).await?;
    Ok(observed.get(&in_use).is_some().then_some(in_use))
}

/// Compares objects with a cluster, as they are: no credentials are made, and those that are there stay.
///
/// # Errors
///
/// As [`plan`].
pub async fn plan_wanted(cluster: &dyn Cluster, wanted: Wanted) -> Result<Plan, PlanError> {
    let requests_before = cluster.requests();
    let namespace = wanted.namespace.as_str();
    let credentials = ObjectKey::new(Kind::Secret, namespace, wanted.manifests.credentials_secret());
    let project = wanted.project.as_str();
    let observed = look(cluster, &wanted.manifests, (namespace, project), Some(credentials)).await?;
    let notes = notes_on(&observed, namespace, None);
    let origin = Origin::Wanted(Box::new(wanted.clone()));
    decide(cluster, wanted, Made::default(), observed, Basis::of(origin, notes, requests_before)).await
}

/// What a plan has from where it began.
pub(super) struct Basis {
    pub(super) origin: Origin,
    pub(super) notes: Vec<String>,
    pub(super) requests_before: u64,
    /// The secrets that whoever plans knows of, besides those that are wanted or there.
    pub(super) known: Redactor,
}

impl Basis {
    fn of(origin: Origin, notes: Vec<String>, requests_before: u64) -> Self {
        Self { origin, notes, requests_before, known: Redactor::default() }
    }
}

pub(super) async fn look(
    cluster: &dyn Cluster,
    wanted: &Manifests,
    (namespace, project): (&str, &str),
    also: impl IntoIterator<Item = ObjectKey>,
) -> Result<Observed, PlanError> {
    let inventory_key = inventory_key(namespace, project);
    let also: Vec<_> = also.into_iter().chain([inventory_key.clone()]).collect();
    let mut observed = observe(cluster, wanted, namespace, &also).await?;
    let namespace_key = ObjectKey::new(Kind::Namespace, "", namespace);
    if observed.get(&namespace_key).is_some_and(LiveObject::is_terminating) {
        return Err(PlanError::NamespaceTerminating { namespace: namespace.to_owned() });
    }
    // Whoever writes an inventory has no claim bound before its Job is removed. One that others have left shows by its pod.
    let is_over = |claim: &str| observed.get(&inventory_key).is_some() && observed.is_bound(namespace, claim);
    let may_have_jobs = observed.has_pod_of_a_job()
        || wanted.iter().any(|manifest| match &manifest.needed {
            Needed::UntilBound(claim) => !is_over(claim),
            Needed::Always | Needed::Given => false,
        });
    if may_have_jobs {
        observed.look_at_jobs(cluster, namespace).await?;
    }
    Ok(observed)
}

pub(super) async fn decide(
    cluster: &dyn Cluster,
    wanted: Wanted,
    made: Made,
    mut observed: Observed,
    basis: Basis,
) -> Result<Plan, PlanError> {
    let (wanted, left_out) = wanted.into_served(&observed);
    let namespace = wanted.namespace.as_str();
    let project = wanted.project.as_str();
    let inventory = observed.get(&inventory_key(namespace, project)).map(Inventory::read).transpose()?;
    let inventory = inventory.unwrap_or_default();
    let whole = wanted.recorded();
    let unwanted: Vec<_> = unwanted(&inventory, &whole).map(Owned::key).collect();
    observed.look_at(cluster, &unwanted).await?;
    let superseded = superseded(&inventory, &whole, &observed, project);
    let on_record = inventory.last().is_some_and(|last| last.wanted(&whole));
    let credentials = ObjectKey::new(Kind::Secret, namespace, wanted.manifests.credentials_secret());
    let in_use = look_at_secret_in_use(cluster, &credentials, &mut observed).await?;
    let (given, stored) =
        (StoredCredentials::wanted(&wanted.manifests), StoredCredentials::of(observed.get(&credentials)));
    let Basis { origin, mut notes, requests_before, known } = basis;
    let in_use = StoredCredentials::of(in_use.and_then(|in_use| observed.get(&in_use)));
    let redactor = known.and_stored(&given).and_stored(&stored).and_stored(&in_use);
    let masks = Masks::new(&redactor, &given, &stored, made);
    let remembered = Remembered::look(cluster, &wanted, &observed, &inventory).await?;
    let classes = classes_to_look_at(&wanted.manifests, &observed);
    observed.look_at(cluster, &classes).await?;
    let mut risks = risks(&wanted, &observed, &remembered);
    risks.extend(risks_to_kept(&wanted.kept, &observed));
    risks.extend(older_major(&wanted, &observed, &inventory));
    risks.sort_by_key(|risk| risk.rule);
    let steps = steps(cluster, &wanted.manifests, namespace, &observed, &masks).await;
    let mut steps = steps.map_err(|error| redactor.redact_error(error))?;
    notes.extend(refuse_claimed(cluster, &mut steps, &observed, &masks).await?);
    notes.extend(left_out.iter().map(note_on_left_out));
    notes.extend(notes_on_superseded(&superseded));
    notes.extend(remembered.unknown);
    Ok(Plan {
        wanted,
        steps,
        observed,
        redactor,
        requests_before,
        superseded,
        on_record,
        origin,
        approved: None,
        risks,
        notes,
    })
}

fn note_on_left_out(object: &ObjectKey) -> String {
    let (kind, version) = (object.kind, object.kind.api_version());
    format!("{object} is left out: this server serves no {kind} of {version}, and the instance runs without it")
}

fn notes_on_superseded(superseded: &[Superseded]) -> impl Iterator<Item = String> {
    superseded.iter().filter_map(|Superseded { object, fate }| match fate {
        Fate::NotOurs { reason } => Some(format!("{object} is not wanted any more, and is left as it is: {reason}")),
        Fate::Prune { .. } | Fate::Protected => None,
    })
}

fn uses_tls_secret(instance: &Instance) -> Option<TlsSecret> {
    match instance.platform() {
        Platform::K3s(ingress) => Some(ingress.tls),
        Platform::Eks(_) | Platform::Gke(_) => None,
    }
}

pub(super) fn notes_on(observed: &Observed, namespace: &str, lacking_tls: Option<&ObjectKey>) -> Vec<String> {
    let mut notes = Vec::new();
    if !observed.namespace_visible {
        notes.push(format!("Namespace/{namespace} may not be read by this user: taken to be there"));
    }
    if let Some(tls_key) = lacking_tls {
        notes.push(format!(
            "{tls_key} is not there, so HTTPS has no certificate of its own: \
             `cht tls set --cert FILE --key FILE` puts one there, and cert_source in the values can have one made"
        ));
    }
    notes
}
