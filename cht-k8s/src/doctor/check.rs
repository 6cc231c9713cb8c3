//! Every check by its name, and the category that it belongs to.

use std::fmt;

use serde::{Serialize, Serializer};

/// What checks are about, in the order in which they are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// This machine: its kubeconfig, and the way to the API server.
    Client,
    /// The API server.
    Cluster,
    /// What the user may do.
    Permissions,
    /// The machines that pods run on.
    Nodes,
    /// What data is kept on.
    Storage,
    /// The way in.
    Ingress,
    /// The host's name.
    Dns,
    /// What pods are made from.
    Images,
    /// The certificate.
    Tls,
    /// What was deployed.
    Instance,
}

impl Category {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::Client,
        Self::Cluster,
        Self::Permissions,
        Self::Nodes,
        Self::Storage,
        Self::Ingress,
        Self::Dns,
        Self::Images,
        Self::Tls,
        Self::Instance,
    ];

    /// The category's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Cluster => "cluster",
            Self::Permissions => "permissions",
            Self::Nodes => "nodes",
            Self::Storage => "storage",
            Self::Ingress => "ingress",
            Self::Dns => "dns",
            Self::Images => "images",
            Self::Tls => "tls",
            Self::Instance => "instance",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

macro_rules! checks {
    ($($category:ident: $($name:ident = $id:literal),+;)+) => {
        /// A check, known by a name that stays.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "docs/DOCTOR.md says what each is about, and a test holds it to that")]
        pub enum Check {
            $($($name,)+)+
        }

        impl Check {
            /// All of them, by category.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// The check's name.
            pub fn id(self) -> &'static str {
                match self {
                    $($(Self::$name => $id,)+)+
                }
            }

            /// What it is about.
            pub fn category(self) -> Category {
                match self {
                    $($(Self::$name)|+ => Category::$category,)+
                }
            }
        }
    };
}

checks! {
    Client:
        ClientConfig = "client-config",
        ClientCertificate = "client-certificate",
        ClientProxy = "client-proxy",
        ClientServer = "client-server",
        ClientCredentials = "client-credentials";
    Cluster:
        ServerVersion = "server-version",
        ClockSkew = "clock-skew",
        ApiKinds = "api-kinds",
        Namespace = "namespace";
    Permissions:
        PermissionDeploy = "permission-deploy",
        PermissionStatus = "permission-status",
        PermissionUninstall = "permission-uninstall",
        PermissionComfort = "permission-comfort";
    Nodes:
        NodesReady = "nodes-ready",
        NodeNames = "node-names",
        NodePlacement = "node-placement",
        NodeTaints = "node-taints",
        NodeArchitecture = "node-architecture",
        PodSize = "pod-size",
        Capacity = "capacity",
        VSphereNodes = "vsphere-nodes";
    Storage:
        StorageClass = "storage-class",
        StorageReclaim = "storage-reclaim",
        StorageExpansion = "storage-expansion",
        StorageBinding = "storage-binding",
        VolumeRetained = "volume-retained",
        VolumeShared = "volume-shared",
        VSphereClass = "vsphere-class";
    Ingress:
        IngressClass = "ingress-class",
        IngressController = "ingress-controller",
        IngressHost = "ingress-host";
    Dns:
        HostResolves = "host-resolves",
        HostAddress = "host-address";
    Images:
        ImageFound = "image-found";
    Tls:
        TlsSecret = "tls-secret",
        TlsExpiry = "tls-expiry",
        TlsHost = "tls-host";
    Instance:
        InstanceDeployed = "instance-deployed",
        InstanceHealth = "instance-health",
        InstanceLock = "instance-lock",
        InstanceRevision = "instance-revision",
        InstanceDrift = "instance-drift";
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_kebab_case_and_each_a_checks_own() {
        let ids: BTreeSet<_> = Check::ALL.iter().map(|check| check.id()).collect();
        assert_eq!(ids.len(), Check::ALL.len());
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')), "{ids:?}");
    }

    #[test]
    fn checks_are_in_the_order_of_their_categories_and_none_is_empty() {
        assert!(Check::ALL.iter().map(|check| check.category()).is_sorted());
        for category in Category::ALL {
            assert!(Check::ALL.iter().any(|check| check.category() == category), "{category}");
        }
    }
}
