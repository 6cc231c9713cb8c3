//! Annotations on pod templates that change with what the pods read only once, when they start.
//!
//! A pod template that refers to a Secret or a `ConfigMap` of the instance gets `checksum/<name>`, so that a change to
//! it restarts exactly the pods that read it.
//!
//! Annotations of pods are readable by far more people than Secrets are, and a plain hash would let each of them try
//! passwords against it on a machine of his own. The Secret's checksum is therefore keyed with a secret that is in it,
//! `COUCHDB_SECRET`: without that, it says nothing.

use std::collections::{BTreeMap, BTreeSet};

use cht_model::CredentialKey;
use hmac::{Hmac, Mac};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, PodSpec, PodTemplateSpec, Secret};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::credentials::CREDENTIALS_KEYS;
use crate::{Manifest, Manifests, Object};

/// What the annotations' names begin with.
const PREFIX: &str = "checksum/";

/// Gives every Deployment's pod template the checksums of what it refers to.
pub(crate) fn annotate(manifests: &mut [Manifest]) {
    let checksums: BTreeMap<_, _> = manifests
        .iter()
        .filter_map(|manifest| {
            let checksum = match &manifest.object {
                Object::Secret(secret) => of_secret(secret)?,
                Object::ConfigMap(config_map) => of_config_map(config_map),
                _ => return None,
            };
            Some((manifest.object.name().to_owned(), checksum))
        })
        .collect();
    for manifest in manifests {
        if let Object::Deployment(deployment) = &mut manifest.object
            && let Some(spec) = &mut deployment.spec
        {
            annotate_template(&mut spec.template, &checksums);
        }
    }
}

fn annotate_template(template: &mut PodTemplateSpec, checksums: &BTreeMap<String, String>) {
    let names = template.spec.as_ref().map(referred).unwrap_or_default();
    let annotations: BTreeMap<_, _> =
        names.into_iter().filter_map(|name| Some((annotation(name), checksums.get(name)?.clone()))).collect();
    if !annotations.is_empty() {
        template.metadata.get_or_insert_default().annotations.get_or_insert_default().extend(annotations);
    }
}

impl Manifests {
    /// The same, with the checksum of this Secret on every pod template that reads a Secret of its name.
    ///
    /// Of a Secret that someone else manages an instance knows nothing. And manifests that were kept for later know one as it
    /// was: with that checksum, pods would start anew for nothing. Manifests without any checksum, as those of `profile: chart`
    /// are, stay as they are.
    #[must_use]
    pub fn with_checksum_of(self, secret: &Secret) -> Self {
        if !self.iter().any(has_checksums) {
            return self;
        }
        let name = secret.metadata.name.as_deref().unwrap_or_default();
        let checksums: BTreeMap<_, _> =
            of_secret(secret).map(|checksum| (name.to_owned(), checksum)).into_iter().collect();
        let renewed = self.into_iter().map(|mut manifest| {
            if let Object::Deployment(deployment) = &mut manifest.object
                && let Some(spec) = &mut deployment.spec
            {
                if let Some(annotations) =
                    spec.template.metadata.as_mut().and_then(|metadata| metadata.annotations.as_mut())
                {
                    annotations.remove(&annotation(name));
                }
                annotate_template(&mut spec.template, &checksums);
            }
            manifest
        });
        renewed.collect()
    }
}

/// Whether an object's pods have any.
fn has_checksums(manifest: &Manifest) -> bool {
    let Object::Deployment(deployment) = &manifest.object else { return false };
    let metadata = deployment.spec.as_ref().and_then(|spec| spec.template.metadata.as_ref());
    let annotations = metadata.and_then(|metadata| metadata.annotations.as_ref());
    annotations.is_some_and(|annotations| annotations.keys().any(|key| key.starts_with(PREFIX)))
}

fn annotation(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// The checksum that a Deployment's pods have of the Secret with this name: it changes with what they read of it.
pub fn checksum_of<'a>(deployment: &'a Deployment, secret: &str) -> Option<&'a str> {
    let metadata = deployment.spec.as_ref()?.template.metadata.as_ref()?;
    metadata.annotations.as_ref()?.get(&annotation(secret)).map(String::as_str)
}

/// The Secrets and `ConfigMap`s that the pod's containers read.
fn referred(pod: &PodSpec) -> BTreeSet<&str> {
    pod.containers
        .iter()
        .flat_map(|container| container.env.iter().flatten())
        .filter_map(|variable| variable.value_from.as_ref())
        .flat_map(|source| {
            let secret = source.secret_key_ref.as_ref().map(|selector| selector.name.as_str());
            let config_map = source.config_map_key_ref.as_ref().map(|selector| selector.name.as_str());
            secret.into_iter().chain(config_map)
        })
        .collect()
}

/// The Secret's checksum, where all that it will hold is known.
fn of_secret(secret: &Secret) -> Option<String> {
    let data = secret.data.as_ref()?;
    if !CredentialKey::ALL.iter().all(|key| data.contains_key(key.secret_key())) {
        return None;
    }
    let key = data.get(CredentialKey::Secret.secret_key())?;
    // Whoever else keeps something in it restarts no pods by that.
    let read = data.iter().filter(|(key, _)| CREDENTIALS_KEYS.contains(&key.as_str()));
    Some(keyed(&key.0, read.map(|(key, value)| (key.as_str(), value.0.as_slice()))))
}

/// What may be shown in place of one value of a Secret: the same for the same value, and nothing without `key`, which is
/// the instance's `COUCHDB_SECRET`.
pub fn secret_mark(key: &SecretString, name: &str, value: &[u8]) -> String {
    keyed(key.expose_secret().as_bytes(), [(name, value)])
}

pub(crate) fn keyed<'a>(key: &[u8], data: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    for (name, value) in data {
        feed(&mut |bytes| mac.update(bytes), name.as_bytes(), value);
    }
    format!("{:x}", mac.finalize().into_bytes())
}

fn of_config_map(config_map: &ConfigMap) -> String {
    let mut hash = Sha256::new();
    for (key, value) in config_map.data.iter().flatten() {
        feed(&mut |bytes| Digest::update(&mut hash, bytes), key.as_bytes(), value.as_bytes());
    }
    format!("{:x}", hash.finalize())
}

/// Feeds a key and its value, each after its length: no two sets of data then read the same.
fn feed(update: &mut dyn FnMut(&[u8]), key: &[u8], value: &[u8]) {
    for part in [key, value] {
        update(&(part.len() as u64).to_be_bytes());
        update(part);
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;
    use serde_json::{Value, json};

    use super::*;

    fn secret(entries: &[(&str, &str)]) -> Secret {
        let data =
            entries.iter().map(|(key, value)| ((*key).to_owned(), ByteString(value.as_bytes().to_vec()))).collect();
        Secret { data: Some(data), ..Default::default() }
    }

    fn config_map(entries: &[(&str, &str)]) -> ConfigMap {
        let data = entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        ConfigMap { data: Some(data), ..Default::default() }
    }

    const COMPLETE: [(&str, &str); 4] = [
        ("COUCHDB_PASSWORD", "password"),
        ("COUCHDB_SECRET", "key"),
        ("COUCHDB_USER", "medic"),
        ("COUCHDB_UUID", "uuid"),
    ];

    #[test]
    fn a_secret_that_is_not_complete_has_no_checksum() {
        assert!(of_secret(&secret(&COMPLETE)).is_some());
        for missing in CredentialKey::ALL {
            let rest: Vec<_> = COMPLETE.into_iter().filter(|(key, _)| *key != missing.secret_key()).collect();
            assert_eq!(of_secret(&secret(&rest)), None, "without {missing:?}");
        }
    }

    #[test]
    fn every_change_of_the_secret_changes_its_checksum() {
        let before = of_secret(&secret(&COMPLETE));
        for index in 0..COMPLETE.len() {
            let mut changed = COMPLETE;
            changed[index].1 = "other";
            assert_ne!(of_secret(&secret(&changed)), before, "{}", COMPLETE[index].0);
        }
    }

    #[test]
    fn marks_are_equal_for_equal_values_of_one_name_and_key_alone() {
        let mark = secret_mark(&"key".into(), "COUCHDB_PASSWORD", b"password");
        assert_eq!(mark, secret_mark(&"key".into(), "COUCHDB_PASSWORD", b"password"));
        for other in [
            secret_mark(&"key".into(), "COUCHDB_PASSWORD", b"passwords"),
            secret_mark(&"key".into(), "COUCHDB_UUID", b"password"),
            secret_mark(&"other".into(), "COUCHDB_PASSWORD", b"password"),
        ] {
            assert_ne!(other, mark);
        }
    }

    #[test]
    fn pods_are_told_of_the_secret_that_is_there() {
        let named = |entries: &[(&str, &str)], name: &str| {
            let mut secret = secret(entries);
            secret.metadata.name = Some(name.to_owned());
            secret
        };
        let with_annotations = |annotations: &Value| {
            json!({
                "metadata": { "annotations": annotations },
                "spec": { "containers": [{ "name": "c", "env": [{
                    "name": "A",
                    "valueFrom": { "secretKeyRef": { "name": "credentials", "key": "A" } },
                }] }] },
            })
        };
        let annotated = with_annotations(&json!({ "checksum/credentials": "old", "checksum/servers": "same" }));
        let deployment = |template: &Value| -> Manifests {
            let spec = json!({ "selector": {}, "template": template });
            let deployment: Deployment = serde_json::from_value(json!({ "spec": spec })).expect("a Deployment");
            let (stage, component, needed) = (crate::Stage::Api, crate::Component::Api, crate::Needed::Always);
            [Manifest { stage, component, needed, object: deployment.into() }].into_iter().collect()
        };
        let annotations = |manifests: &Manifests| -> Value {
            let object = manifests.iter().next().expect("a Deployment").object.to_value();
            object["spec"]["template"]["metadata"]["annotations"].clone()
        };
        let renewed = deployment(&annotated).with_checksum_of(&named(&COMPLETE, "credentials"));
        let checksum = of_secret(&secret(&COMPLETE));
        assert_eq!(annotations(&renewed), json!({ "checksum/credentials": checksum, "checksum/servers": "same" }));
        // One that is not complete has none.
        let without = deployment(&annotated).with_checksum_of(&named(&COMPLETE[1..], "credentials"));
        assert_eq!(annotations(&without), json!({ "checksum/servers": "same" }));
        // Who never had one gets it, and who reads others gets none.
        let bare = with_annotations(&json!({ "checksum/servers": "same" }));
        let first = deployment(&bare).with_checksum_of(&named(&COMPLETE, "credentials"));
        assert_eq!(annotations(&first), json!({ "checksum/credentials": checksum, "checksum/servers": "same" }));
        // Where nobody has one, nobody gets one.
        let chart = with_annotations(&json!({ "example.org/note": "x" }));
        let same = deployment(&chart).with_checksum_of(&named(&COMPLETE, "credentials"));
        assert_eq!(annotations(&same), json!({ "example.org/note": "x" }));
        // What else is in it is no matter.
        let more = [&COMPLETE[..], &[("OTHER", "x")]].concat();
        assert_eq!(deployment(&bare).with_checksum_of(&named(&more, "credentials")), first);
        let other = deployment(&annotated).with_checksum_of(&named(&COMPLETE, "others"));
        assert_eq!(annotations(&other), annotations(&deployment(&annotated)));
    }

    #[test]
    fn text_that_moves_between_entries_changes_the_checksum() {
        assert_ne!(of_config_map(&config_map(&[("a", "bc")])), of_config_map(&config_map(&[("ab", "c")])));
        assert_ne!(
            of_config_map(&config_map(&[("a", "x"), ("b", "y")])),
            of_config_map(&config_map(&[("a", "xb"), ("", "y")]))
        );
    }
}
