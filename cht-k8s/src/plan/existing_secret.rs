//! A Secret with CouchDB's credentials that someone else manages (`couchdb.existing_secret`): it is read, checked and written
//! down as digests, and never changed.

use std::collections::BTreeMap;

use cht_manifests::{
    CREDENTIALS_KEYS, Component, Manifest, Needed, ObjectKey, Stage, couch_url_fault, mask_key, masked_secret,
};
use cht_model::{CredentialKey, Instance, Topology, user_fault};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use secrecy::SecretString;

use super::wanted::Wanted;
use crate::LiveObject;

const USER: &str = "COUCHDB_USER";
const COUCH_URL: &str = "COUCH_URL";

/// A Secret that someone else manages is not what CHT needs. Says nothing of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{secret}, which couchdb.existing_secret names, cannot be used: {}", problems.join("; "))]
pub struct UnusableSecret {
    /// The Secret.
    pub secret: ObjectKey,
    /// Everything that is wrong with it.
    pub problems: Vec<String>,
}

/// What pods read of a Secret that someone else manages.
pub(super) struct ExistingSecret(Secret);

impl ExistingSecret {
    /// The Secret, if it holds all that CHT's pods read, and nothing that they cannot take.
    pub(super) fn check(
        instance: &Instance,
        live: Option<&LiveObject>,
        key: &ObjectKey,
    ) -> Result<Self, UnusableSecret> {
        let refused = |problems| UnusableSecret { secret: key.clone(), problems };
        let Some(live) = live else {
            let keys = CREDENTIALS_KEYS.join(", ");
            return Err(refused(vec![format!(
                "it is not there; have it made with the keys {keys}, then deploy again"
            )]));
        };
        let secret: Secret = live.decode().map_err(|error| refused(vec![error.to_string()]))?;
        let mut data = secret.data.unwrap_or_default();
        data.retain(|key, _| CREDENTIALS_KEYS.contains(&key.as_str()));
        let mut problems = problems(instance, &data);
        if live.is_terminating() {
            problems.insert(0, "it is being deleted".to_owned());
        }
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let name = Some(key.name.clone());
        let metadata = ObjectMeta { name, namespace: key.namespace.clone(), ..ObjectMeta::default() };
        Ok(Self(Secret { metadata, data: Some(data), ..Secret::default() }))
    }

    /// What the instance wants with this Secret.
    pub(super) fn wanted(&self, instance: &Instance) -> Wanted {
        let wanted = Wanted::of(instance);
        let masked = masked_secret(&self.0, mask_key(&self.0).unwrap_or_default());
        let given = Manifest {
            stage: Stage::Configuration,
            component: Component::Instance,
            needed: Needed::Given,
            object: masked.into(),
        };
        let manifests = wanted.manifests.with_checksum_of(&self.0);
        Wanted { manifests, kept: [given].into_iter().collect(), ..wanted }
    }
}

/// Everything that is wrong with what a Secret holds.
fn problems(instance: &Instance, data: &BTreeMap<String, ByteString>) -> Vec<String> {
    let is_blank = |key: &&str| data.get(*key).is_none_or(|value| value.0.is_empty());
    let (missing, present): (Vec<_>, Vec<_>) = CREDENTIALS_KEYS.into_iter().partition(is_blank);
    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!("it has no {}", missing.join(", no ")));
    }
    let mut texts = BTreeMap::new();
    for key in present {
        match std::str::from_utf8(&data[key].0) {
            Ok(text) => drop(texts.insert(key, text)),
            Err(_) => problems.push(format!("{key} is not UTF-8 text")),
        }
    }
    let clustered = matches!(instance.couchdb().topology, Topology::Clustered(_));
    let user = texts.get(USER).and_then(|text| Some((USER, user_fault(text, clustered)?)));
    let others = CredentialKey::ALL.into_iter().filter_map(|key| {
        let name = key.secret_key();
        Some((name, key.fault(texts.get(name)?, clustered)?))
    });
    let faults: Vec<_> = user.into_iter().chain(others).map(|(key, fault)| format!("{key} {fault}")).collect();
    let text = |key: &str| Some(SecretString::from(*texts.get(key)?));
    // What the address must be follows from these two: where they are wrong, it is, too.
    if faults.is_empty()
        && let (Some(user), Some(password)) = (text(USER), text(CredentialKey::Password.secret_key()))
        && let Some(fault) = texts.get(COUCH_URL).and_then(|url| couch_url_fault(instance, &user, &password, url))
    {
        problems.push(format!("{COUCH_URL} {fault}"));
    }
    problems.extend(faults);
    problems
}

#[cfg(test)]
mod tests;
