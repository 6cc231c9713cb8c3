//! An object of the cluster, as records name it.

use cht_manifests::{Component, Kind, ObjectKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An object of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRecord {
    /// Its kind.
    pub gvk: Gvk,
    /// Its namespace, unless its kind has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns: Option<String>,
    /// Its name.
    pub name: String,
    /// Its identity, where it is known: another object of the same name has another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// What of the instance it is a part of, where that is known: `instance`, `couchdb`, `couchdb-N`, `haproxy`,
    /// `healthcheck`, `api`, `sentinel`, `upgrade-service`. Open: later versions may add names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]*$"))]
    pub component: Option<String>,
}

/// Group, version and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gvk {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version within the group.
    #[schemars(regex(pattern = "^v[0-9][a-z0-9]*$"))]
    pub version: String,
    /// The kind.
    #[schemars(regex(pattern = "^[A-Z][A-Za-z]*$"))]
    pub kind: String,
}

impl From<Kind> for Gvk {
    fn from(kind: Kind) -> Self {
        Self { group: kind.group().to_owned(), version: kind.version().to_owned(), kind: kind.as_str().to_owned() }
    }
}

impl From<&ObjectKey> for ObjectRecord {
    fn from(key: &ObjectKey) -> Self {
        Self { gvk: key.kind.into(), ns: key.namespace.clone(), name: key.name.clone(), uid: None, component: None }
    }
}

impl ObjectRecord {
    pub(super) fn with_uid(self, uid: Option<&str>) -> Self {
        // What was never in a cluster has none.
        Self { uid: uid.filter(|uid| !uid.is_empty()).map(str::to_owned), ..self }
    }

    pub(super) fn of(self, component: Option<Component>) -> Self {
        Self { component: component.map(|component| component.to_string()), ..self }
    }
}
