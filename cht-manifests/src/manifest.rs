//! The objects of an instance, grouped in the stages in which they are applied.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Component, Object};

/// A group of objects that are applied together, after those of every earlier stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The namespace.
    Namespace,
    /// Secret, configuration and access rules.
    Configuration,
    /// Volumes, claims and the Jobs that make their directories.
    Storage,
    /// Services, so that every name resolves before anything starts.
    Services,
    /// CouchDB.
    CouchDb,
    /// HAProxy and its health check.
    Proxy,
    /// The API, and on 4.x the upgrade service.
    Api,
    /// Sentinel.
    Sentinel,
    /// The way in.
    Ingress,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 9] = [
        Self::Namespace,
        Self::Configuration,
        Self::Storage,
        Self::Services,
        Self::CouchDb,
        Self::Proxy,
        Self::Api,
        Self::Sentinel,
        Self::Ingress,
    ];

    /// The stage's name, e.g. `couchdb`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Configuration => "configuration",
            Self::Storage => "storage",
            Self::Services => "services",
            Self::CouchDb => "couchdb",
            Self::Proxy => "proxy",
            Self::Api => "api",
            Self::Sentinel => "sentinel",
            Self::Ingress => "ingress",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When an object must be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needed {
    /// As long as the instance is.
    Always,
    /// Until the claim of this name is bound: a Job that makes the directory of the claim's volume.
    UntilBound(String),
    /// As long as the instance is, and it is someone else's: it is read, and never written or removed.
    Given,
}

/// One object with its place in the instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// When it is applied.
    pub stage: Stage,
    /// What it is a part of.
    pub component: Component,
    /// When it must be there.
    pub needed: Needed,
    /// The object.
    pub object: Object,
}

/// The objects of one instance, in the order in which they are applied. Their JSON form is what records keep.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Manifests(Vec<Manifest>);

impl Manifests {
    pub(crate) fn new(mut manifests: Vec<Manifest>) -> Self {
        manifests.sort_by_key(|manifest| manifest.stage);
        Self(manifests)
    }

    /// Every object, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Manifest> {
        self.0.iter()
    }

    /// The objects of one stage.
    pub fn stage(&self, stage: Stage) -> impl Iterator<Item = &Manifest> {
        self.0.iter().filter(move |manifest| manifest.stage == stage)
    }

    /// The components that run something, in the order in which they start.
    pub fn workloads(&self) -> Vec<Component> {
        self.0
            .iter()
            .filter(|manifest| matches!(manifest.object, Object::Deployment(_)))
            .map(|manifest| manifest.component)
            .collect()
    }
}

impl FromIterator<Manifest> for Manifests {
    fn from_iter<T: IntoIterator<Item = Manifest>>(manifests: T) -> Self {
        Self::new(manifests.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Manifests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::new)
    }
}

impl IntoIterator for Manifests {
    type Item = Manifest;
    type IntoIter = std::vec::IntoIter<Manifest>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Manifests {
    type Item = &'a Manifest;
    type IntoIter = std::slice::Iter<'a, Manifest>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
