//! One revision, whole: what was wanted, and what the run did about it.

use std::io::{Read, Write};

use cht_manifests::{Kind, Manifests, ObjectKey};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::summary::RevisionSummary;
use crate::canonical::sha256;
use crate::labels::on_records;
use crate::{Applied, ClusterError, LiveObject};

const FORMAT: &str = "cht.revision/v1";
const ENTRY: &str = "revision.json.gz";
/// The most that a record may take in the cluster. (The server takes 1 MiB.)
const BUDGET: usize = 64 * 1024;
/// The most that a record may unfold to: what is larger was not written by this program.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Where a revision is kept.
pub(crate) fn revision_key(namespace: &str, project: &str, number: u32) -> ObjectKey {
    ObjectKey::new(Kind::ConfigMap, namespace, &format!("cht.{project}.r{number}"))
}

/// What a run did to an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedChange {
    /// `Deployment/cht-api`.
    pub object: String,
    /// `created`, `changed` or `removed`.
    pub change: String,
}

impl RecordedChange {
    pub(crate) fn applied(object: &ObjectKey, applied: Applied) -> Option<Self> {
        let change = match applied {
            Applied::Created => "created",
            Applied::Changed => "changed",
            Applied::Unchanged => return None,
        };
        Some(Self { object: object.to_string(), change: change.to_owned() })
    }

    pub(crate) fn removed(object: &ObjectKey) -> Self {
        Self { object: object.to_string(), change: "removed".to_owned() }
    }
}

/// One revision, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Its line of the history.
    pub summary: RevisionSummary,
    /// The address that people open.
    pub address: String,
    /// What the run did, in order.
    pub changes: Vec<RecordedChange>,
    /// What was wanted, with digests in place of secrets. Nothing where that was too large to be kept.
    pub manifests: Option<Manifests>,
}

/// What tells what is wanted from anything else.
pub(crate) fn digest(masked: &Manifests) -> String {
    sha256(&json!(masked))
}

impl Revision {
    /// The object that holds this revision, over `live` where there is one.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub(crate) fn write(
        &self,
        key: &ObjectKey,
        project: &str,
        live: Option<&LiveObject>,
    ) -> Result<LiveObject, ClusterError> {
        let mut packed = self.pack()?;
        if packed.len() > BUDGET && self.manifests.is_some() {
            packed = Self { manifests: None, ..self.clone() }.pack()?;
        }
        let unwritable = |error: serde_json::Error| ClusterError::Malformed { reason: format!("{key}: {error}") };
        let mut value = live.map_or_else(
            || json!({ "metadata": { "name": key.name, "namespace": key.namespace } }),
            |live| live.value().clone(),
        );
        value["metadata"]["labels"] = json!(on_records(project, "revision"));
        value["binaryData"] = json!({ ENTRY: serde_json::to_value(ByteString(packed)).map_err(unwritable)? });
        Ok(LiveObject::new(Kind::ConfigMap, value))
    }

    fn pack(&self) -> Result<Vec<u8>, ClusterError> {
        let failed = |reason: String| ClusterError::Malformed { reason: format!("the record of the run: {reason}") };
        let mut content = serde_json::to_value(self).map_err(|error| failed(error.to_string()))?;
        content["v"] = FORMAT.into();
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let written = packer.write_all(content.to_string().as_bytes()).and_then(|()| packer.finish());
        written.map_err(|error| failed(error.to_string()))
    }

    /// # Errors
    ///
    /// What is wrong with the object, when it holds no revision.
    pub(crate) fn read(live: &LiveObject) -> Result<Self, String> {
        let config_map: ConfigMap = live.decode().map_err(|error| error.to_string())?;
        let packed = config_map.binary_data.unwrap_or_default().remove(ENTRY);
        let packed = packed.ok_or_else(|| format!("it has no entry {ENTRY}"))?;
        let mut text = String::new();
        let unpacked = GzDecoder::new(packed.0.as_slice()).take(LARGEST).read_to_string(&mut text);
        unpacked.map_err(|error| error.to_string())?;
        let content: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        match content.get("v").and_then(Value::as_str) {
            Some(FORMAT) => Self::deserialize(content).map_err(|error| error.to_string()),
            other => Err(format!("its format is {other:?}, and this program knows {FORMAT:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;
    use crate::health::testing::{K3D, instance};
    use crate::{Action, Actor, Counts, RevisionOutcome, RunId};

    fn revision(manifests: Manifests) -> Revision {
        let summary = RevisionSummary {
            number: 7,
            action: Action::Deploy,
            version: "5.3.0".to_owned(),
            actor: Actor { user: "ada".to_owned(), host: "laptop".to_owned() },
            run: RunId::new(),
            started: Timestamp::UNIX_EPOCH,
            finished: None,
            outcome: RevisionOutcome::Applying,
            counts: Counts::default(),
            digest: digest(&manifests),
            record: None,
        };
        let changes = vec![RecordedChange::removed(&ObjectKey::new(Kind::Job, "ns", "create-directory"))];
        Revision { summary, address: "https://localhost".to_owned(), changes, manifests: Some(manifests) }
    }

    fn manifests() -> Manifests {
        let canary = ["couchdb.password=canary-1", "couchdb.secret=canary-2", "couchdb.uuid=canary-3"];
        cht_manifests::manifests(&instance(K3D, &canary)).masked()
    }

    #[test]
    fn a_revision_is_read_as_it_was_written_and_is_small() {
        let revision = revision(manifests());
        let key = revision_key("county-a", "county-a", 7);
        let written = revision.write(&key, "county-a", None).expect("written");
        assert_eq!(written.key(), key);
        assert_eq!(Revision::read(&written).as_ref(), Ok(&revision));
        let size = written.value().to_string().len();
        assert!(size < 8 * 1024, "{size} bytes");
    }

    #[test]
    fn no_secret_is_in_a_revision() {
        let text = serde_json::to_string(&revision(manifests())).expect("JSON");
        // As it is, and in base64: each begins with `canary-`.
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
    }

    #[test]
    fn what_is_wanted_decides_the_digest() {
        let other = cht_manifests::manifests(&instance(K3D, &["cht_image_tag=5.3.1"])).masked();
        assert_eq!(digest(&manifests()), digest(&manifests()));
        assert_ne!(digest(&manifests()), digest(&other));
    }

    #[test]
    fn a_revision_over_its_budget_is_kept_without_what_was_wanted() {
        // Random text does not get smaller.
        let mut bytes = vec![0; 2 * BUDGET];
        getrandom::fill(&mut bytes).expect("randomness");
        let text = serde_json::to_value(ByteString(bytes)).expect("base64");
        let mut manifests: Vec<_> = manifests().into_iter().collect();
        let values = serde_json::json!({ "metadata": { "name": "large" }, "data": { "text": text } });
        let large: ConfigMap = serde_json::from_value(values).expect("a ConfigMap");
        manifests[0].object = large.into();
        let revision = revision(manifests.into_iter().collect());
        let written = revision.write(&revision_key("ns", "p", 7), "p", None).expect("written");
        assert!(written.value().to_string().len() < BUDGET);
        assert_eq!(Revision::read(&written), Ok(Revision { manifests: None, ..revision }));
    }

    #[test]
    fn what_is_no_revision_is_refused() {
        let with = |data: Value| LiveObject::new(Kind::ConfigMap, json!({ "metadata": {}, "binaryData": data }));
        for live in [with(json!({})), with(json!({ ENTRY: "AAAA" })), with(json!({ ENTRY: "" }))] {
            assert!(Revision::read(&live).is_err());
        }
    }
}
