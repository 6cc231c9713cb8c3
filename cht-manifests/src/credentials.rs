//! The Secret that CouchDB's administrator, and everything that signs in as him, is known from.

use std::collections::BTreeMap;

use cht_model::{CouchUrl, CredentialKey, CredentialsSecret, Instance};
use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, Secret, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use secrecy::{ExposeSecret, SecretString};

use crate::{Manifests, Object, dns, haproxy};

const USER: &str = "COUCHDB_USER";
const COUCH_URL: &str = "COUCH_URL";

/// The keys of the Secret that pods read.
pub const CREDENTIALS_KEYS: [&str; 5] = [
    USER,
    CredentialKey::Password.secret_key(),
    CredentialKey::Secret.secret_key(),
    CredentialKey::Uuid.secret_key(),
    COUCH_URL,
];

/// The instance's own Secret, unless someone else manages one for it. What the values leave out is not in it: that is generated at the first deploy and kept in the cluster.
///
/// It carries `data`, since server-side apply does not track `stringData`.
pub(crate) fn secret(instance: &Instance) -> Option<Secret> {
    let couchdb = instance.couchdb();
    if couchdb.credentials_secret.is_existing() {
        return None;
    }
    let credentials = &couchdb.credentials;
    let url = credentials.couch_url(&authority(instance), &couchdb.database);

    let known = CredentialKey::ALL.map(|key| (key.secret_key(), credentials.get(key)));
    let data: BTreeMap<_, _> = [(USER, Some(credentials.user())), (COUCH_URL, url.as_ref())]
        .into_iter()
        .chain(known)
        .filter_map(|(key, value)| Some((key.to_owned(), bytes(value?))))
        .collect();
    Some(Secret {
        metadata: ObjectMeta { name: Some(CredentialsSecret::OWN.to_owned()), ..Default::default() },
        data: Some(data),
        type_: Some("Opaque".to_owned()),
        ..Default::default()
    })
}

/// What the `COUCH_URL` of an instance says otherwise than it must, where someone else has composed it for these credentials:
/// a clause that shows nothing of it.
pub fn couch_url_fault(instance: &Instance, user: &SecretString, password: &SecretString, url: &str) -> Option<String> {
    let (authority, database) = (authority(instance), &instance.couchdb().database);
    CouchUrl { user, password, authority: &authority, database }.fault(url)
}

/// The name of the Secret that a Deployment's pods sign in to CouchDB with, where they do.
pub fn credentials_secret(deployment: &Deployment) -> Option<&str> {
    let containers = &deployment.spec.as_ref()?.template.spec.as_ref()?.containers;
    let sources = containers.iter().flat_map(|container| container.env.iter().flatten()).filter_map(|variable| {
        let selector = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        (selector.key == CredentialKey::Password.secret_key()).then_some(selector.name.as_str())
    });
    sources.into_iter().next()
}

impl Manifests {
    /// The name of the Secret that the instance's pods sign in to CouchDB with.
    pub fn credentials_secret(&self) -> &str {
        let mut names = self.iter().filter_map(|manifest| match &manifest.object {
            Object::Deployment(deployment) => credentials_secret(deployment),
            _ => None,
        });
        names.next().unwrap_or(CredentialsSecret::OWN)
    }
}

/// Where HAProxy is reached.
fn authority(instance: &Instance) -> String {
    let port = instance.couchdb().haproxy_port.get();
    format!("{}:{port}", dns::host(haproxy::SERVICE, instance.namespace()))
}

/// The administrator's name, for a container.
pub(crate) fn user(instance: &Instance) -> EnvVar {
    env(instance, USER)
}

/// The URL by which CHT reaches its database, for a container.
pub(crate) fn couch_url(instance: &Instance) -> EnvVar {
    env(instance, COUCH_URL)
}

/// One of the credentials, for a container.
pub(crate) fn credential(instance: &Instance, key: CredentialKey) -> EnvVar {
    env(instance, key.secret_key())
}

fn env(instance: &Instance, key: &str) -> EnvVar {
    let name = instance.couchdb().credentials_secret.name().to_owned();
    let selector = SecretKeySelector { name, key: key.to_owned(), ..Default::default() };
    EnvVar {
        name: key.to_owned(),
        value_from: Some(EnvVarSource { secret_key_ref: Some(selector), ..Default::default() }),
        ..Default::default()
    }
}

fn bytes(secret: &SecretString) -> ByteString {
    ByteString(secret.expose_secret().as_bytes().to_vec())
}
