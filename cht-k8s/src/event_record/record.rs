//! One record: what every record says, and what it is about.

use k8s_openapi::jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::happening::Happening;
use crate::RunId;

/// The form of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Form {
    /// The first.
    #[serde(rename = "cht.event/v1")]
    V1,
}

/// What every record says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Header {
    /// The form.
    pub(super) v: Form,
    /// Its number in the run: the first is 1, and none is left out.
    #[schemars(range(min = 1))]
    pub(super) seq: u64,
    /// When, by the cluster's clock, to the millisecond. It never goes back.
    #[serde(serialize_with = "to_the_millisecond")]
    #[schemars(with = "String", extend("format" = "date-time", "pattern" = STAMP))]
    pub(super) ts: Timestamp,
    /// The run. `cht history` has it, too.
    pub(super) run: RunId,
    /// The number of the revision that the run has written down, once it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rev: Option<u32>,
    /// The last stage that was started: `namespace`, `configuration`, `storage`, `services`, `couchdb`, `proxy`, `api`,
    /// `sentinel`, `ingress`. Open: later versions may add some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub(super) stage: Option<String>,
}

const STAMP: &str = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$";

/// One thing that happened in a run, as it is written: a line of JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRecord {
    pub(super) header: Header,
    /// What it is about.
    pub what: Happening,
}

impl EventRecord {
    /// Its number in the run: the first is 1, and none is left out.
    pub fn seq(&self) -> u64 {
        self.header.seq
    }

    /// When, by the cluster's clock.
    pub fn ts(&self) -> Timestamp {
        self.header.ts
    }

    /// The run.
    pub fn run(&self) -> &RunId {
        &self.header.run
    }

    /// The number of the revision that the run has written down, once it has.
    pub fn rev(&self) -> Option<u32> {
        self.header.rev
    }

    /// The last stage that was started.
    pub fn stage(&self) -> Option<&str> {
        self.header.stage.as_deref()
    }
}

impl Serialize for EventRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            #[serde(flatten)]
            header: &'a Header,
            #[serde(flatten)]
            what: &'a Happening,
        }
        Flat { header: &self.header, what: &self.what }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventRecord {
    /// Fields that this version does not know are left out.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let header = Header::deserialize(&value).map_err(D::Error::custom)?;
        Ok(Self { header, what: Happening::deserialize(&value).map_err(D::Error::custom)? })
    }
}

fn to_the_millisecond<S: Serializer>(ts: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{ts:.3}"))
}
