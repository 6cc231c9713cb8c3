//! The plan: each object of an instance, and what a deploy would do to it.

use cht_manifests::{Kind, Manifest, Manifests, Needed, Object, ObjectKey, manifests};
use cht_model::{Instance, Platform, TlsSecret};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use super::credentials::{CREDENTIALS, NoRandomness, StoredCredentials};
use super::observe::{Observed, observe};
use super::ownership::is_as_applied;
use super::safety::{DataRisk, risks};
use crate::{Cluster, ClusterError};

/// The Secret that an ingress takes its certificate from.
const TLS_SECRET: &str = "api-tls-secret";

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
}

/// What a deploy would do, decided before anything is written.
#[derive(Debug)]
pub struct Plan {
    pub(crate) instance: Instance,
    pub(crate) manifests: Manifests,
    pub(crate) steps: Vec<Step>,
    pub(crate) observed: Observed,
    pub(crate) requests_before: u64,
    risks: Vec<DataRisk>,
    notes: Vec<String>,
}

/// One object of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The object, with its place in the instance.
    pub manifest: Manifest,
    /// What would happen to it.
    pub change: Change,
}

/// What a deploy would do to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is as wanted.
    Unchanged,
    /// It is not there.
    Create,
    /// It is there, and not provably as wanted: the server decides whether applying changes it.
    Apply,
    /// It has done what it was for, or belongs to others, and is left as it is.
    Leave,
}

impl Plan {
    /// The instance, with its credentials complete.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Each object, in the order in which it would be applied.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the deploy would do to data.
    pub fn risks(&self) -> &[DataRisk] {
        &self.risks
    }

    /// What a person should know besides.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The credentials that the cluster held when the plan was made.
    pub(crate) fn stored_credentials(&self) -> StoredCredentials {
        let secret = ObjectKey::new(Kind::Secret, self.instance.namespace().as_str(), CREDENTIALS);
        StoredCredentials::of(self.observed.get(&secret))
    }

    /// Whether every object is as wanted.
    pub fn is_unchanged(&self) -> bool {
        self.steps.iter().all(|step| matches!(step.change, Change::Unchanged | Change::Leave))
    }
}

/// Compares an instance with a cluster. Only reads; the number of requests does not depend on the number of objects.
///
/// # Errors
///
/// When the cluster does not answer or refuses, or when the namespace is being deleted.
pub async fn plan(cluster: &dyn Cluster, instance: Instance) -> Result<Plan, PlanError> {
    let requests_before = cluster.requests();
    let namespace = instance.namespace().as_str().to_owned();
    let credentials_key = ObjectKey::new(Kind::Secret, &namespace, CREDENTIALS);
    let tls_key = ObjectKey::new(Kind::Secret, &namespace, TLS_SECRET);
    let tls = uses_tls_secret(&instance);
    let also: Vec<_> = tls.is_some().then(|| tls_key.clone()).into_iter().collect();

    let observed = observe(cluster, &manifests(&instance), &namespace, &also).await?;
    let namespace_key = ObjectKey::new(Kind::Namespace, "", &namespace);
    if observed.get(&namespace_key).is_some_and(crate::LiveObject::is_terminating) {
        return Err(PlanError::NamespaceTerminating { namespace });
    }

    let stored = StoredCredentials::of(observed.get(&credentials_key));
    let mut notes = notes_on(&observed, &namespace, tls, &tls_key);
    let risks = risks(&instance, &manifests(&instance), &observed);
    let generated: Vec<_> = instance
        .couchdb()
        .credentials
        .missing()
        .filter(|key| stored.get(key.secret_key()).is_none())
        .map(cht_model::CredentialKey::values_key)
        .collect();
    if !generated.is_empty() {
        notes.push(format!("{} not in the values: made now, and kept in {credentials_key}", generated.join(", ")));
    }
    let mut instance = stored.complete(instance)?;
    if tls == Some(TlsSecret::WhenPresent) && observed.get(&tls_key).is_some() {
        instance = instance.with_tls_secret_present();
    }

    let manifests = manifests(&instance);
    let steps = manifests
        .iter()
        .map(|manifest| Step { change: change(manifest, &observed), manifest: manifest.clone() })
        .collect();
    Ok(Plan { instance, manifests, steps, observed, requests_before, risks, notes })
}

fn uses_tls_secret(instance: &Instance) -> Option<TlsSecret> {
    match instance.platform() {
        Platform::K3s(ingress) => Some(ingress.tls),
        Platform::Eks(_) | Platform::Gke(_) => None,
    }
}

fn notes_on(observed: &Observed, namespace: &str, tls: Option<TlsSecret>, tls_key: &ObjectKey) -> Vec<String> {
    let mut notes = Vec::new();
    if !observed.namespace_visible {
        notes.push(format!("Namespace/{namespace} may not be read by this user: taken to be there"));
    }
    if tls == Some(TlsSecret::Used) && observed.get(tls_key).is_none() {
        notes.push(format!(
            "{tls_key} is not there, so HTTPS has no certificate of its own: \
             kubectl -n {namespace} create secret tls {TLS_SECRET} --cert FILE --key FILE"
        ));
    }
    notes
}

fn change(manifest: &Manifest, observed: &Observed) -> Change {
    let key = manifest.object.key();
    let live = observed.get(&key);
    match (&manifest.needed, &manifest.object, live) {
        // One that is still there is left from a run that was cut short: it is run again, and then removed.
        (Needed::UntilBound(_), _, Some(_)) => Change::Apply,
        (Needed::UntilBound(claim), _, None) if is_bound(observed, key.namespace.as_deref(), claim) => Change::Leave,
        // A namespace that is there belongs to whoever made it.
        (_, Object::Namespace(_), Some(_)) => Change::Leave,
        (_, Object::Namespace(_), None) if !observed.namespace_visible => Change::Leave,
        (_, _, None) => Change::Create,
        (_, object, Some(live)) if !live.is_terminating() && is_as_applied(live, &object.to_value()) => {
            Change::Unchanged
        }
        (_, _, Some(_)) => Change::Apply,
    }
}

fn is_bound(observed: &Observed, namespace: Option<&str>, claim: &str) -> bool {
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace.unwrap_or_default(), claim);
    let claim = observed.get(&key).and_then(|live| live.decode::<PersistentVolumeClaim>().ok());
    claim.and_then(|claim| claim.status).and_then(|status| status.phase).is_some_and(|phase| phase == "Bound")
}
