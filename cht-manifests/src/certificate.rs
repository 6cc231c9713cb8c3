//! The Secrets of the way in: the certificate that the ingress serves, and the authority that issues one that is self-signed.
//!
//! What is in them is no value, so that they are no part of [`manifests`](crate::manifests()): whoever has a pair asks for its
//! Secret.

use std::collections::BTreeMap;

use cht_model::{Instance, TLS_SECRET};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::listing::Listing;
use crate::{Component, Manifest, Object, ObjectKey, Stage};

/// The Secret with the authority of an instance.
pub const AUTHORITY_SECRET: &str = "api-tls-ca";

/// The annotation that says from which source of the values a certificate is.
pub const CERTIFICATE_SOURCE: &str = "cht.certificate-source";

/// A Secret with a certificate and its key, by the names of its entries: `tls.crt`, `tls.key` and, where there is one,
/// `ca.crt`. Without a source nothing says where it is from: a person has set it.
pub fn certificate_secret(
    instance: &Instance,
    name: &str,
    data: BTreeMap<String, Vec<u8>>,
    source: Option<&str>,
) -> Vec<Manifest> {
    let annotations = source.map(|source| BTreeMap::from([(CERTIFICATE_SOURCE.to_owned(), source.to_owned())]));
    let secret = Secret {
        metadata: ObjectMeta { name: Some(name.to_owned()), annotations, ..ObjectMeta::default() },
        data: Some(data.into_iter().map(|(name, value)| (name, ByteString(value))).collect()),
        type_: Some("kubernetes.io/tls".to_owned()),
        ..Secret::default()
    };
    let mut list = Listing::of(instance);
    list.add(Stage::Configuration, Component::Instance, secret);
    list.into_manifests()
}

/// Whether a Secret is one of those: they are renewed by themselves, and no revision brings an old one back.
pub fn is_certificate_secret(object: &Object) -> bool {
    matches!(object, Object::Secret(_)) && is_certificate_name(object.name())
}

/// Whether a key is that of such a Secret.
pub fn is_certificate_key(key: &ObjectKey) -> bool {
    key.kind == crate::Kind::Secret && is_certificate_name(&key.name)
}

fn is_certificate_name(name: &str) -> bool {
    [TLS_SECRET, AUTHORITY_SECRET].contains(&name)
}
