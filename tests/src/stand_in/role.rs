//! Who a stand-in plays.

use std::fmt;
use std::str::FromStr;

/// One of CHT's images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `cht-couchdb`.
    CouchDb,
    /// `cht-couchdb-nouveau`.
    Nouveau,
    /// `cht-haproxy`.
    HaProxy,
    /// `cht-haproxy-healthcheck`.
    HealthCheck,
    /// `cht-api`.
    Api,
    /// `cht-sentinel`.
    Sentinel,
    /// `medicmobile/upgrade-service`.
    UpgradeService,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CouchDb,
        Self::Nouveau,
        Self::HaProxy,
        Self::HealthCheck,
        Self::Api,
        Self::Sentinel,
        Self::UpgradeService,
    ];

    /// The word for it in tags and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CouchDb => "couchdb",
            Self::Nouveau => "nouveau",
            Self::HaProxy => "haproxy",
            Self::HealthCheck => "healthcheck",
            Self::Api => "api",
            Self::Sentinel => "sentinel",
            Self::UpgradeService => "upgrade_service",
        }
    }

    /// The image's name, without registry and tag.
    pub fn image(self) -> &'static str {
        match self {
            Self::CouchDb => "medic/cht-couchdb",
            Self::Nouveau => "medic/cht-couchdb-nouveau",
            Self::HaProxy => "medic/cht-haproxy",
            Self::HealthCheck => "medic/cht-haproxy-healthcheck",
            Self::Api => "medic/cht-api",
            Self::Sentinel => "medic/cht-sentinel",
            Self::UpgradeService => "medicmobile/upgrade-service",
        }
    }

    /// The port by which a test talks to it. Nouveau shares CouchDB's pod, so it has another one.
    pub fn control_port(self) -> u16 {
        if self == Self::Nouveau { 9901 } else { 9900 }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role: it is one of couchdb, nouveau, haproxy, healthcheck, api, sentinel, upgrade_service")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
