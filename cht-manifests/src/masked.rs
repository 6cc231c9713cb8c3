//! Manifests without secrets, for records and plans that others may read.

use cht_model::CredentialKey;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use crate::checksum::keyed;
use crate::{Manifest, Manifests, Object};

impl Manifests {
    /// The same with a digest in place of each value of a Secret. Equal values of a key have equal digests, which say nothing
    /// to whoever does not know the instance's `COUCHDB_SECRET`: they are keyed with it.
    #[must_use]
    pub fn masked(&self) -> Self {
        let key = self.iter().find_map(|manifest| match &manifest.object {
            Object::Secret(secret) => mask_key(secret).map(<[u8]>::to_vec),
            _ => None,
        });
        let mask = |manifest: &Manifest| match &manifest.object {
            Object::Secret(secret) => {
                let object = Object::from(masked_secret(secret, key.as_deref().unwrap_or_default()));
                Manifest { object, ..manifest.clone() }
            }
            _ => manifest.clone(),
        };
        self.iter().map(mask).collect()
    }
}

/// What the digests of an instance's secrets are keyed with, where this Secret holds it.
pub fn mask_key(secret: &Secret) -> Option<&[u8]> {
    secret.data.as_ref()?.get(CredentialKey::Secret.secret_key()).map(|value| value.0.as_slice())
}

/// The Secret with a digest in place of each value, keyed with `key`; without a key, the digests are all the same.
pub fn masked_secret(secret: &Secret, key: &[u8]) -> Secret {
    let mut masked = secret.clone();
    for (name, value) in masked.data.iter_mut().flatten() {
        *value = ByteString(mask(key, name, &value.0).into_bytes());
    }
    masked.string_data = None;
    masked
}

/// The digest of one value: keyed, and bound to its name, so that equal values of different keys do not show as equal.
fn mask(key: &[u8], name: &str, value: &[u8]) -> String {
    if key.is_empty() { "hidden".to_owned() } else { format!("hmac-sha256:{}", keyed(key, [(name, value)])) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn secret(entries: &[(&str, &str)]) -> Secret {
        let entry = |(key, value): &(&str, &str)| ((*key).to_owned(), ByteString(value.as_bytes().to_vec()));
        Secret { data: Some(entries.iter().map(entry).collect()), ..Secret::default() }
    }

    fn values(secret: &Secret) -> BTreeMap<&str, &str> {
        let data = secret.data.iter().flatten();
        data.map(|(key, value)| (key.as_str(), std::str::from_utf8(&value.0).expect("text"))).collect()
    }

    #[test]
    fn equal_values_show_as_equal_and_nothing_else_shows() {
        let one = masked_secret(&secret(&[("COUCHDB_SECRET", "k"), ("PASSWORD", "canary"), ("USER", "canary")]), b"k");
        let same = masked_secret(&secret(&[("COUCHDB_SECRET", "k"), ("PASSWORD", "canary")]), b"k");
        let other_key = masked_secret(&secret(&[("PASSWORD", "canary")]), b"l");
        assert_eq!(values(&one)["PASSWORD"], values(&same)["PASSWORD"]);
        assert_ne!(values(&one)["PASSWORD"], values(&one)["USER"]);
        assert_ne!(values(&one)["PASSWORD"], values(&other_key)["PASSWORD"]);
        for value in values(&one).values() {
            assert!(value.starts_with("hmac-sha256:") && !value.contains("canary"), "{value}");
        }
    }

    #[test]
    fn without_a_key_nothing_shows_at_all() {
        let masked = masked_secret(&secret(&[("PASSWORD", "canary"), ("USER", "other")]), b"");
        assert!(values(&masked).values().all(|value| *value == "hidden"));
    }
}
