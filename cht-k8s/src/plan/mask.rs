//! Keeps secrets out of what a plan shows, and lets it show whether two of them are the same.

use std::collections::BTreeSet;

use cht_manifests::{Kind, Manifests, Object, secret_mark};
use cht_model::CredentialKey;
use k8s_openapi::ByteString;
use secrecy::SecretString;
use serde_json::Value;

use super::credentials::StoredCredentials;
use super::difference::{Difference, differences};
use super::path::{Path, Segment};
use super::step::FieldChange;
use crate::redact::Redactor;

/// Stands for what is not known before the deploy makes it.
const MADE: &str = "(made at the deploy)";
/// Stands for a secret of which not even equality can be shown.
const SECRET: &str = "[secret]";
/// So many digits of a secret's mark are shown: too many for two secrets to share them by chance.
const MARK_LENGTH: usize = 12;

/// What this deploy makes: generated credentials, and what follows from them.
#[derive(Default)]
pub(super) struct Made {
    credentials: Vec<CredentialKey>,
    texts: BTreeSet<String>,
}

impl Made {
    /// These credentials, and every text that differs between two renderings which have nothing else to differ in.
    pub(super) fn of(credentials: Vec<CredentialKey>, wanted: &Manifests, other: &Manifests) -> Self {
        let pairs = wanted.iter().zip(other);
        let new = pairs.flat_map(|(wanted, other)| differences(&other.object.to_value(), &wanted.object.to_value()));
        let mut texts = BTreeSet::new();
        for Difference { new, .. } in new {
            collect(&new.unwrap_or_default(), &mut texts);
        }
        Self { credentials, texts }
    }

    /// Also these entries of Secrets.
    pub(super) fn and_entries(mut self, entries: impl IntoIterator<Item = Vec<u8>>) -> Self {
        for entry in entries {
            collect(&serde_json::to_value(ByteString(entry)).unwrap_or_default(), &mut self.texts);
        }
        self
    }
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What stands in place of secrets.
pub(super) struct Masks<'a> {
    redactor: &'a Redactor,
    key: Option<&'a SecretString>,
    made: Made,
}

impl<'a> Masks<'a> {
    /// The masks of a deploy that wants these credentials where those are stored.
    pub(super) fn new(
        redactor: &'a Redactor,
        wanted: &'a StoredCredentials,
        stored: &'a StoredCredentials,
        made: Made,
    ) -> Self {
        let name = CredentialKey::Secret.secret_key();
        let key = wanted.get(name).or_else(|| stored.get(name));
        // A key that is made now would give other marks at every look.
        Self { redactor, key: key.filter(|_| !made.credentials.contains(&CredentialKey::Secret)), made }
    }

    /// A text of a server.
    pub(super) fn redactor(&self) -> &Redactor {
        self.redactor
    }

    /// A field's change, to be shown.
    pub(super) fn change(&self, kind: Kind, difference: &Difference) -> FieldChange {
        let masked = |value: Option<&Value>| value.map(|value| self.value(kind, &difference.path, value));
        FieldChange {
            field: difference.path.to_string(),
            old: masked(difference.old.as_ref()),
            new: masked(difference.new.as_ref()),
        }
    }

    /// A whole object.
    pub(super) fn object(&self, object: &Object) -> Value {
        self.value(object.kind(), &Path::default(), &object.to_value())
    }

    fn value(&self, kind: Kind, path: &Path, value: &Value) -> Value {
        let is_secret = kind == Kind::Secret && (path.is_within(&["data"]) || path.is_within(&["stringData"]));
        match value {
            Value::Object(fields) => {
                let masked =
                    |(name, value): (&String, &Value)| (name.clone(), self.value(kind, &path.field(name), value));
                Value::Object(fields.iter().map(masked).collect())
            }
            Value::Array(items) => items.iter().map(|item| self.value(kind, path, item)).collect(),
            Value::String(text) if self.made.texts.contains(text) => MADE.into(),
            Value::String(text) if is_secret => self.mark(path, text).into(),
            Value::String(text) => self.redactor.redact(text).into(),
            _ if is_secret => SECRET.into(),
            other => other.clone(),
        }
    }

    fn mark(&self, path: &Path, text: &str) -> String {
        match (self.key, path.last()) {
            (Some(key), Some(Segment::Field(name))) => marked(&secret_mark(key, name, text.as_bytes())),
            _ => SECRET.to_owned(),
        }
    }
}

/// What stands for a secret in front of a person: the same for the same mark.
fn marked(mark: &str) -> String {
    mark.get(..MARK_LENGTH).map_or_else(|| SECRET.to_owned(), |digits| format!("[secret {digits}]"))
}

/// What stands for a secret of which a record has the digest: the same as where the secret itself is known.
pub(super) fn shown_mark(digest: &[u8]) -> String {
    let mark = std::str::from_utf8(digest).ok().and_then(|digest| digest.strip_prefix("hmac-sha256:"));
    marked(mark.unwrap_or_default())
}

#[cfg(test)]
mod tests;
