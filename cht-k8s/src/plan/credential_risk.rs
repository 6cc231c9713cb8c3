//! Whether a deploy would give CouchDB's volumes other credentials than they were made with: CouchDB keeps the old ones, and
//! everything that signs in would be locked out.

use cht_manifests::{Kind, Object, ObjectKey, checksum_of, credentials_secret, mask_key, masked_secret};
use cht_model::CredentialKey;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;
use secrecy::ExposeSecret;

use super::credentials::StoredCredentials;
use super::observe::Observed;
use super::remembered::Remembered;
use super::safety::{DataRisk, DataRule, is_member};
use super::wanted::Wanted;
use crate::LiveObject;

/// The administrator's name in the Secret.
const USER: &str = "COUCHDB_USER";

/// The Deployments of CouchDB's nodes that run.
fn running(observed: &Observed) -> impl Iterator<Item = Deployment> {
    let deployments = observed.of_kind(Kind::Deployment).filter(|live| is_member(live.name()));
    deployments.filter_map(|live| live.decode().ok())
}

/// The name of the Secret that CouchDB's nodes sign in with now.
pub(super) fn secret_in_use(observed: &Observed) -> Option<String> {
    running(observed).find_map(|deployment| credentials_secret(&deployment).map(str::to_owned))
}

/// Whether CouchDB's nodes run with the credentials that are wanted. As long as the Secret that the instance owns is there, it
/// holds what they run with.
pub(super) fn is_as_before(wanted: &Wanted, observed: &Observed) -> bool {
    let (manifests, namespace) = (&wanted.manifests, wanted.namespace.as_str());
    let name = manifests.credentials_secret();
    let in_use = secret_in_use(observed);
    if in_use.as_deref() != Some(name) {
        return false;
    }
    if !wanted.has_given_secret() {
        return observed.get(&ObjectKey::new(Kind::Secret, namespace, name)).is_some();
    }
    let nodes = manifests.iter().filter_map(|manifest| match &manifest.object {
        Object::Deployment(deployment) if is_member(manifest.object.name()) => {
            Some((manifest.object.key(), deployment))
        }
        _ => None,
    });
    let mut nodes = nodes.map(|(key, wanted)| {
        let live: Option<Deployment> = observed.get(&key).and_then(|live| live.decode().ok());
        live.is_some_and(|live| checksum_of(&live, name) == checksum_of(wanted, name))
    });
    nodes.all(|same| same)
}

/// What a deploy would do to an instance whose volumes were made with other credentials.
pub(super) fn credential_risk(wanted: &Wanted, observed: &Observed, remembered: &Remembered) -> Option<DataRisk> {
    let key = |name: &str| ObjectKey::new(Kind::Secret, wanted.namespace.as_str(), name);
    let object = key(wanted.manifests.credentials_secret());
    let own = wanted.manifests.iter().find_map(|manifest| match &manifest.object {
        Object::Secret(secret) if manifest.object.key() == object => Some((**secret).clone()),
        _ => None,
    });
    let live = observed.get(&object);
    let is_own = own.is_some();
    let given: Secret = own.or_else(|| live?.decode().ok())?;
    let in_use = secret_in_use(observed).map(|name| key(&name)).filter(|in_use| *in_use != object);
    let in_use = in_use.and_then(|in_use| observed.get(&in_use));
    let consequence = match (in_use, &remembered.credentials) {
        (Some(in_use), _) => changed(&given, in_use, is_own),
        (None, Some(recorded)) => others_than(recorded, &given, is_own),
        (None, None) => live.filter(|_| is_own).and_then(|live| changed(&given, live, is_own)),
    }?;
    Some(DataRisk { rule: DataRule::Credentials, object, consequence })
}

/// The keys of what CouchDB keeps, each as the values call it.
fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    let keys = CredentialKey::ALL.into_iter().map(|key| (key.values_key(), key.secret_key()));
    keys.chain([("couchdb.user", USER)])
}

/// What is given otherwise than it is held.
fn changed(given: &Secret, held: &LiveObject, is_own: bool) -> Option<String> {
    let held = StoredCredentials::of(Some(held));
    let given = |key: &str| Some(given.data.as_ref()?.get(key)?.0.as_slice());
    let differs = |key: &str| {
        let pair = given(key).zip(held.get(key));
        pair.is_some_and(|(given, held)| given != held.expose_secret().as_bytes())
    };
    let changed: Vec<_> = keys().filter(|(_, key)| differs(key)).collect();
    if changed.is_empty() {
        return None;
    }
    if !is_own {
        return Some(of_given(changed.iter().map(|(_, key)| *key)));
    }
    let names: Vec<_> = changed.iter().map(|(name, _)| *name).collect();
    Some(format!(
        "{} in the values differs from what the volume was made with: CouchDB keeps the old, and the API would be locked out",
        names.join(", ")
    ))
}

/// What is given otherwise than the digests of a record tell.
fn others_than(recorded: &Secret, given: &Secret, is_own: bool) -> Option<String> {
    let given = masked_secret(given, mask_key(given).unwrap_or_default());
    let digest = |secret: &Secret, key: &str| secret.data.as_ref()?.get(key).cloned();
    let differs = |key: &str| digest(&given, key) != digest(recorded, key);
    if !keys().any(|(_, key)| differs(key)) {
        return None;
    }
    if is_own {
        let what = "it is gone, and others would be made or given than those the volume was made with: CouchDB keeps the \
                    old, and the API would be locked out; give couchdb.user, password, secret and uuid as they were";
        return Some(what.to_owned());
    }
    // With another key every digest is another: nothing is known of the rest.
    let key = CredentialKey::Secret.secret_key();
    let changed = keys().map(|(_, key)| key).filter(|name| differs(name)).filter(|name| *name == key || !differs(key));
    Some(of_given(changed))
}

fn of_given<'a>(changed: impl Iterator<Item = &'a str>) -> String {
    let changed: Vec<_> = changed.collect();
    format!(
        "{} in it differs from what the volume was made with: CouchDB keeps the old, and the API would be locked out; change \
         it in CouchDB first",
        changed.join(", ")
    )
}
