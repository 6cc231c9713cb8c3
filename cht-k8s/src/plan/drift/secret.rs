//! Whether a Secret is as it was recorded. The record holds digests, so it is digests that are compared.

use std::collections::BTreeMap;

use cht_manifests::masked_secret;
use cht_model::CredentialKey;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;

use super::DriftedField;
use crate::plan::mask::shown_mark;
use crate::plan::path::Path;
use crate::{ClusterError, LiveObject};

/// The recorded fields that differ in the live Secret, whose digests are keyed with `key`.
///
/// # Errors
///
/// When the live object is no Secret.
pub(super) fn differing(recorded: &Secret, live: &LiveObject, key: &[u8]) -> Result<Vec<DriftedField>, ClusterError> {
    let live: Secret =
        live.decode().map_err(|error| ClusterError::Malformed { reason: format!("{}: {error}", live.key()) })?;
    let live = masked_secret(&live, key);
    let metadata = Path::default().field("metadata");
    let (then, now) = (&recorded.metadata, &live.metadata);
    let mut found = texts(&metadata.field("labels"), then.labels.as_ref(), now.labels.as_ref());
    found.extend(texts(&metadata.field("annotations"), then.annotations.as_ref(), now.annotations.as_ref()));
    found.extend(data(recorded.data.as_ref(), live.data.as_ref()));
    Ok(found)
}

type Texts = BTreeMap<String, String>;

fn texts(path: &Path, recorded: Option<&Texts>, live: Option<&Texts>) -> Vec<DriftedField> {
    let value = |text: &String| Value::from(text.as_str());
    differing_entries(path, recorded, live, value).collect()
}

fn data(
    recorded: Option<&BTreeMap<String, ByteString>>,
    live: Option<&BTreeMap<String, ByteString>>,
) -> Vec<DriftedField> {
    let mark = |digest: &ByteString| Value::from(shown_mark(&digest.0));
    let found: Vec<_> = differing_entries(&Path::default().field("data"), recorded, live, mark).collect();
    // With another key every digest is another: nothing is known of the rest.
    let key = Path::default().field("data").field(CredentialKey::Secret.secret_key()).to_string();
    match found.iter().find(|field| field.field == key) {
        Some(key) => vec![key.clone()],
        None => found,
    }
}

/// The entries of a recorded map that are missing or others in the live one. What else is in that is others'.
fn differing_entries<'a, T: PartialEq>(
    path: &'a Path,
    recorded: Option<&'a BTreeMap<String, T>>,
    live: Option<&'a BTreeMap<String, T>>,
    shown: impl Fn(&T) -> Value + 'a,
) -> impl Iterator<Item = DriftedField> + 'a {
    recorded.into_iter().flatten().filter_map(move |(name, recorded)| {
        let live = live.and_then(|live| live.get(name));
        (live != Some(recorded)).then(|| DriftedField {
            field: path.field(name).to_string(),
            recorded: Some(shown(recorded)),
            live: live.map(&shown),
        })
    })
}
