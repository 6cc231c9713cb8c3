//! The parts that an instance consists of, as people name them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A part of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// What belongs to the instance as a whole: namespace, credentials, access rules.
    Instance,
    /// CouchDB: the single node (none), or a cluster's node by number.
    CouchDb(Option<u8>),
    /// HAProxy.
    HaProxy,
    /// HAProxy's health check.
    HealthCheck,
    /// The API, with its ingress.
    Api,
    /// Sentinel.
    Sentinel,
    /// The upgrade service (4.x).
    UpgradeService,
}

impl Component {
    /// What this component cannot work without, nearest first.
    pub fn depends_on(self, all: &[Self]) -> Vec<Self> {
        let wanted = |component: &Self| match self {
            Self::CouchDb(Some(number)) if number > 1 => *component == Self::CouchDb(Some(1)),
            Self::HaProxy => matches!(component, Self::CouchDb(_) | Self::HealthCheck),
            Self::HealthCheck => matches!(component, Self::CouchDb(_)),
            Self::Api => *component == Self::HaProxy,
            Self::Sentinel => *component == Self::Api,
            Self::Instance | Self::CouchDb(_) | Self::UpgradeService => false,
        };
        all.iter().copied().filter(wanted).collect()
    }
}

/// The name is none of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownComponent(String);

impl std::error::Error for UnknownComponent {}

impl fmt::Display for UnknownComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no component: there are couchdb, couchdb-N, haproxy, healthcheck, api, sentinel, upgrade-service",
            self.0
        )
    }
}

impl FromStr for Component {
    type Err = UnknownComponent;

    fn from_str(name: &str) -> Result<Self, UnknownComponent> {
        let unnumbered = [
            Self::Instance,
            Self::CouchDb(None),
            Self::HaProxy,
            Self::HealthCheck,
            Self::Api,
            Self::Sentinel,
            Self::UpgradeService,
        ];
        let number = name.strip_prefix("couchdb-").and_then(|number| number.parse().ok());
        let numbered = number.map(|number| Self::CouchDb(Some(number)));
        // Numbers have one form: `couchdb-01` is no name.
        unnumbered
            .into_iter()
            .chain(numbered)
            .find(|component| component.to_string() == name)
            .ok_or_else(|| UnknownComponent(name.to_owned()))
    }
}

impl Serialize for Component {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Component {
    /// `couchdb-2`, `haproxy`, `healthcheck`: the values of the label `cht.service`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance => f.write_str("instance"),
            Self::CouchDb(None) => f.write_str("couchdb"),
            Self::CouchDb(Some(number)) => write!(f, "couchdb-{number}"),
            Self::HaProxy => f.write_str("haproxy"),
            Self::HealthCheck => f.write_str("healthcheck"),
            Self::Api => f.write_str("api"),
            Self::Sentinel => f.write_str("sentinel"),
            Self::UpgradeService => f.write_str("upgrade-service"),
        }
    }
}
