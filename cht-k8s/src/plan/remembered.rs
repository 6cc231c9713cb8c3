//! What CouchDB's nodes were when they ran last, for those that do not run now: after an uninstall the records alone tell
//! where on their volumes the data lies.

use cht_manifests::{Kind, Manifests, Object, ObjectKey};
use cht_model::CredentialsSecret;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;

use super::credential_risk::is_as_before;
use super::data_place::DataPlace;
use super::observe::Observed;
use super::safety::is_member;
use super::wanted::Wanted;
use crate::records::{Action, Inventory, Revision, RevisionOutcome, revision_key};
use crate::retry::reaching;
use crate::{Cluster, ClusterError, LiveObject};

/// What CouchDB's nodes were when they ran last. Only nodes whose data is still there count.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The Deployments of nodes that do not run now.
    pub(super) deployments: Vec<LiveObject>,
    /// The credentials that the volumes hold, as digests, where no Secret that the instance owns tells them.
    pub(super) credentials: Option<Secret>,
    /// Why nothing can be told.
    pub(super) unknown: Option<String>,
}

impl Remembered {
    /// Looks into the record of the last deploy that came to its end, unless every node that is wanted runs, and with the
    /// credentials that are wanted.
    pub(super) async fn look(
        cluster: &dyn Cluster,
        wanted: &Wanted,
        observed: &Observed,
        inventory: &Inventory,
    ) -> Result<Self, ClusterError> {
        let (namespace, project) = (wanted.namespace.as_str(), wanted.project.as_str());
        let runs_all = nodes_of(&wanted.manifests).all(|(key, _)| observed.get(&key).is_some());
        if runs_all && is_as_before(wanted, observed) {
            return Ok(Self::default());
        }
        let deployed = |action: Action, outcome: &RevisionOutcome| {
            action != Action::Uninstall && *outcome == RevisionOutcome::Done
        };
        let mut lines = inventory.revisions.iter().rev();
        let Some(last) = lines.find(|line| deployed(line.action, &line.outcome)) else { return Ok(Self::default()) };
        let key = revision_key(namespace, project, last.number);
        let record = match reaching(&*cluster.clock(), || cluster.get(&key)).await {
            Err(ClusterError::Forbidden { .. }) => Err("it may not be read by this user".to_owned()),
            Err(error) => return Err(error),
            Ok(None) => Err("it is gone".to_owned()),
            Ok(Some(live)) => Revision::read(&live),
        };
        let manifests = record
            .and_then(|record| record.manifests.ok_or_else(|| "what was wanted was too large to be kept".to_owned()));
        Ok(match manifests {
            Ok(manifests) => Self::of(&manifests, wanted, observed),
            Err(reason) => {
                let (what, told) = if runs_all {
                    ("whether CouchDB's volumes were made with these credentials", "with which")
                } else {
                    ("whether CouchDB would look for its data where it lies", "where it was")
                };
                let unknown = format!("{what} is not known: {key} tells {told}, and {reason}");
                Self { unknown: Some(unknown), ..Self::default() }
            }
        })
    }

    /// What a recorded deploy tells of nodes that do not run now, and of credentials.
    pub(super) fn of(recorded: &Manifests, wanted: &Wanted, observed: &Observed) -> Self {
        let namespace = wanted.namespace.as_str();
        let (gone, running): (Vec<_>, Vec<_>) = nodes_of(recorded).partition(|(key, _)| observed.get(key).is_none());
        let deployments: Vec<_> = gone
            .into_iter()
            .filter(|(_, deployment)| is_there(deployment, recorded, observed, namespace))
            .filter_map(|(key, deployment)| Some(LiveObject::new(key.kind, serde_json::to_value(deployment).ok()?)))
            .collect();
        let secret = recorded.credentials_secret();
        // As long as it is there, the Secret that the instance owns is as the volumes were made.
        let own = ObjectKey::new(Kind::Secret, namespace, CredentialsSecret::OWN);
        let is_told_by_own = secret == CredentialsSecret::OWN && !wanted.has_given_secret();
        let has_data = !deployments.is_empty() || !running.is_empty();
        let counts = has_data && !(is_told_by_own && observed.get(&own).is_some());
        let credentials = recorded.iter().find_map(|manifest| match &manifest.object {
            Object::Secret(recorded) if counts && manifest.object.name() == secret => Some((**recorded).clone()),
            _ => None,
        });
        Self { deployments, credentials, unknown: None }
    }
}

/// The Deployments of CouchDB's nodes.
fn nodes_of(manifests: &Manifests) -> impl Iterator<Item = (ObjectKey, &Deployment)> {
    manifests.iter().filter_map(|manifest| match &manifest.object {
        Object::Deployment(deployment) if is_member(manifest.object.name()) => {
            Some((manifest.object.key(), &**deployment))
        }
        _ => None,
    })
}

/// Whether what the node kept its data on is still there: its claim, or the volume that the claim was bound to by name. A
/// folder of a node has no object that could be gone.
fn is_there(deployment: &Deployment, recorded: &Manifests, observed: &Observed, namespace: &str) -> bool {
    let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let Some(place) = pod.and_then(DataPlace::of) else { return false };
    let Some(claim) = place.claim else { return place.folder.is_some() };
    let claim = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, &claim);
    let volume = recorded.iter().find_map(|manifest| match &manifest.object {
        Object::PersistentVolumeClaim(found) if manifest.object.key() == claim => {
            found.spec.as_ref()?.volume_name.clone()
        }
        _ => None,
    });
    let volume = volume.map(|volume| ObjectKey::new(Kind::PersistentVolume, "", &volume));
    observed.get(&claim).is_some() || volume.is_some_and(|volume| observed.get(&volume).is_some())
}

#[cfg(test)]
mod tests;
