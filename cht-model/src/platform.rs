//! The platforms that CHT runs on. Each variant carries what it needs.

use std::fmt;

use crate::{AlbIngress, GceIngress, HostName, K3sIngress};

/// The platform of an instance (`cluster_type`), with its ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Platform {
    /// k3s, on machines or in k3d.
    K3s(K3sIngress),
    /// Amazon's Elastic Kubernetes Service.
    Eks(AlbIngress),
    /// Google Kubernetes Engine; without an ingress when `ingress.gcp.enabled` is false.
    Gke(Option<GceIngress>),
}

impl Platform {
    /// Which platform it is.
    pub fn kind(&self) -> PlatformKind {
        match self {
            Self::K3s(_) => PlatformKind::K3s,
            Self::Eks(_) => PlatformKind::Eks,
            Self::Gke(_) => PlatformKind::Gke,
        }
    }

    /// The host that people open, where the values name one.
    pub fn host(&self) -> Option<&HostName> {
        match self {
            Self::K3s(ingress) => ingress.host.as_ref(),
            Self::Eks(ingress) => Some(&ingress.host),
            Self::Gke(ingress) => ingress.as_ref().map(|ingress| &ingress.host),
        }
    }
}

/// The platforms by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlatformKind {
    /// `k3s-k3d`.
    K3s,
    /// `eks`.
    Eks,
    /// `gke`.
    Gke,
}

impl PlatformKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::K3s, Self::Eks, Self::Gke];

    /// The name that values have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::K3s => "k3s-k3d",
            Self::Eks => "eks",
            Self::Gke => "gke",
        }
    }
}

impl fmt::Display for PlatformKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
