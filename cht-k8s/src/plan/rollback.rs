//! Plans to go back to an older revision: what it wanted is applied anew, without what holds data and the Jobs that made it.
//!
//! Claims, volumes, Secrets and the namespace stay as they are in the cluster, whatever the revision says of them: its
//! Secrets are digests, and its volumes may have grown since.

use std::collections::BTreeMap;

use cht_manifests::{
    Kind, Manifest, Manifests, Object, ObjectKey, is_certificate_key, is_certificate_secret, mask_key, masked_secret,
};
use cht_model::{CredentialKey, Instance, NamespaceName, ProjectName};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use super::make::{Basis, PlanError, decide, look, notes_on};
use super::mask::Made;
use super::observe::Observed;
use super::plan::{Origin, Plan};
use super::wanted::Wanted;
use crate::Cluster;
use crate::records::{Action, Revision, RollbackError, inventory, newest, recorded, target};
use crate::redact::Redactor;

/// The administrator's name in the Secret.
const USER: &str = "COUCHDB_USER";

/// Compares an older revision of an instance with a cluster, without what holds data: [`deploy`](crate::deploy) of the plan
/// is the rollback. Of the values, only the names count. Without a number the revision is the newest that came to its end and wanted something else than the
/// last run.
///
/// # Errors
///
/// As [`plan`](crate::plan); and [`PlanError::Rollback`] when there is no such revision, or the instance cannot go back to it.
pub async fn plan_rollback(cluster: &dyn Cluster, instance: &Instance, number: Option<u32>) -> Result<Plan, PlanError> {
    let requests_before = cluster.requests();
    let (namespace, project) = (instance.namespace(), instance.project());
    let (revision, kept) = read(cluster, namespace, project, number).await?;
    let number = revision.summary.number;
    let (left, applied): (Vec<_>, Vec<_>) = revision.manifests.into_iter().flatten().partition(is_kept);
    let applied = applied.into_iter().collect();

    let keys: Vec<_> = left.iter().map(|manifest| manifest.object.key()).collect();
    // Jobs have done what they were for.
    let seen = keys.iter().filter(|key| key.kind != Kind::Job).cloned();
    let observed = look(cluster, &applied, (namespace.as_str(), project.as_str()), seen).await?;
    let lacking: Vec<_> = keys.into_iter().filter(|key| is_lacking(key, &observed)).collect();
    if !lacking.is_empty() {
        return Err(RollbackError::Lacking { number, objects: lacking }.into());
    }
    let applied = for_live_secrets(applied, &left, &observed, number)?;

    let wanted = Wanted {
        project: project.clone(),
        namespace: namespace.clone(),
        version: revision.summary.version,
        address: revision.address,
        manifests: applied,
        kept,
        action: Action::Rollback { to: number },
    };
    let notes = notes_on(&observed, namespace.as_str(), None);
    let origin = Origin::Revision { instance: Box::new(instance.clone()), number };
    // Pods may know what the values know, and the cluster does not hold any more.
    let basis = Basis { origin, notes, requests_before, known: Redactor::of(instance) };
    decide(cluster, wanted, Made::default(), observed, basis).await
}

/// The revision to go back to, and what a rollback to it keeps: as the newest revision has it, where that has it.
async fn read(
    cluster: &dyn Cluster,
    namespace: &NamespaceName,
    project: &ProjectName,
    number: Option<u32>,
) -> Result<(Revision, Manifests), RollbackError> {
    let revisions = inventory(cluster, namespace, project).await?.revisions;
    let number = target(project, &revisions, number)?.number;
    let revision = recorded(cluster, namespace, project, number).await?;
    let Some(manifests) = &revision.manifests else {
        return Err(RollbackError::TooLarge { project: project.to_string(), number });
    };
    let newer = match newest(&revisions) {
        Some(newest) if newest.number != number => {
            recorded(cluster, namespace, project, newest.number).await?.manifests
        }
        _ => None,
    };
    let newer: BTreeMap<_, _> = newer.into_iter().flatten().map(|manifest| (manifest.object.key(), manifest)).collect();
    let as_it_is = |manifest: &Manifest| match newer.get(&manifest.object.key()) {
        Some(newer) if manifest.object.kind().holds_data() => newer.clone(),
        _ => manifest.clone(),
    };
    let kept = manifests.iter().filter(|manifest| is_kept(manifest)).map(as_it_is).collect();
    Ok((revision, kept))
}

/// Whether a rollback leaves the object as it is.
fn is_kept(manifest: &Manifest) -> bool {
    let kind = manifest.object.kind();
    kind.holds_data() || kind == Kind::Job
}

/// Whether pods of the revision would wait for the object for ever. A volume shows in its claim.
fn is_lacking(key: &ObjectKey, observed: &Observed) -> bool {
    // Without its certificate an ingress serves another one.
    let is_needed = matches!(key.kind, Kind::PersistentVolumeClaim | Kind::Secret) && !is_certificate_key(key);
    is_needed && observed.get(key).is_none()
}

/// What is applied, for pods that read the Secrets as they are in the cluster.
fn for_live_secrets(
    mut applied: Manifests,
    left: &[Manifest],
    observed: &Observed,
    number: u32,
) -> Result<Manifests, RollbackError> {
    // Certificates are renewed since then, and no pod reads them.
    let is_read = |object: &Object| object.kind() == Kind::Secret && !is_certificate_secret(object);
    let secrets = || left.iter().filter(|manifest| is_read(&manifest.object));
    let live = |manifest: &Manifest| observed.get(&manifest.object.key())?.decode::<Secret>().ok();
    let key = secrets().find_map(|manifest| mask_key(&live(manifest)?).map(<[u8]>::to_vec)).unwrap_or_default();
    for manifest in secrets() {
        let Object::Secret(then) = &manifest.object else { continue };
        let secret = manifest.object.key();
        let Some(now) = live(manifest) else { continue };
        let entries = other_settings(then, &masked_secret(&now, &key));
        if !entries.is_empty() {
            return Err(RollbackError::OtherSettings { number, secret, entries });
        }
        applied = applied.with_checksum_of(&now);
    }
    Ok(applied)
}

/// The settings in a masked Secret that are others now: entries that differ although the credentials in them do not.
fn other_settings(then: &Secret, now: &Secret) -> Vec<String> {
    let entry = |secret: &Secret, name: &str| -> Option<ByteString> { secret.data.as_ref()?.get(name).cloned() };
    let credentials: Vec<_> = CredentialKey::ALL.map(CredentialKey::secret_key).into_iter().chain([USER]).collect();
    // Where one of them is another, so is every URL that it stands in.
    if credentials.iter().any(|name| entry(then, name) != entry(now, name)) {
        return Vec::new();
    }
    let names = then.data.iter().flatten().map(|(name, _)| name.as_str());
    names.filter(|name| entry(then, name) != entry(now, name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
