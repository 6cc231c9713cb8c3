//! The Secret that CouchDB's administrator, and everything that signs in as him, is known from.

use std::collections::BTreeMap;

use cht_model::{CredentialKey, Instance};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, Secret, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use secrecy::{ExposeSecret, SecretString};

use crate::{dns, haproxy};

const NAME: &str = "cht-couchdb-credentials";
const USER: &str = "COUCHDB_USER";
const COUCH_URL: &str = "COUCH_URL";

/// The Secret. What the values leave out is not in it: that is generated at the first deploy and kept in the cluster.
///
/// It carries `data`, since server-side apply does not track `stringData`.
pub(crate) fn secret(instance: &Instance) -> Secret {
    let couchdb = instance.couchdb();
    let credentials = &couchdb.credentials;
    let authority = format!("{}:{}", dns::host(haproxy::SERVICE, instance.namespace()), couchdb.haproxy_port.get());
    let url = credentials.couch_url(&authority, &couchdb.database);

    let known = CredentialKey::ALL.map(|key| (key.secret_key(), credentials.get(key)));
    let data: BTreeMap<_, _> = [(USER, Some(credentials.user())), (COUCH_URL, url.as_ref())]
        .into_iter()
        .chain(known)
        .filter_map(|(key, value)| Some((key.to_owned(), bytes(value?))))
        .collect();
    Secret {
        metadata: ObjectMeta { name: Some(NAME.to_owned()), ..Default::default() },
        data: Some(data),
        type_: Some("Opaque".to_owned()),
        ..Default::default()
    }
}

/// The administrator's name, for a container.
pub(crate) fn user() -> EnvVar {
    env(USER)
}

/// The URL by which CHT reaches its database, for a container.
pub(crate) fn couch_url() -> EnvVar {
    env(COUCH_URL)
}

/// One of the credentials, for a container.
pub(crate) fn credential(key: CredentialKey) -> EnvVar {
    env(key.secret_key())
}

fn env(key: &str) -> EnvVar {
    let selector = SecretKeySelector { name: NAME.to_owned(), key: key.to_owned(), ..Default::default() };
    EnvVar {
        name: key.to_owned(),
        value_from: Some(EnvVarSource { secret_key_ref: Some(selector), ..Default::default() }),
        ..Default::default()
    }
}

fn bytes(secret: &SecretString) -> ByteString {
    ByteString(secret.expose_secret().as_bytes().to_vec())
}
