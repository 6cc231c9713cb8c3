//! The kinds of Kubernetes objects that this project writes or watches, and how each is addressed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of Kubernetes object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are Kubernetes' own names")]
pub enum Kind {
    Namespace,
    Secret,
    ConfigMap,
    ServiceAccount,
    Role,
    RoleBinding,
    PersistentVolume,
    PersistentVolumeClaim,
    Job,
    Service,
    Deployment,
    Ingress,
    NetworkPolicy,
    PodDisruptionBudget,
    BackendConfig,
    FrontendConfig,
    ReplicaSet,
    Pod,
    Event,
    StorageClass,
    Node,
    Lease,
    IngressClass,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 23] = [
        Self::Namespace,
        Self::Secret,
        Self::ConfigMap,
        Self::ServiceAccount,
        Self::Role,
        Self::RoleBinding,
        Self::PersistentVolume,
        Self::PersistentVolumeClaim,
        Self::Job,
        Self::Service,
        Self::Deployment,
        Self::Ingress,
        Self::NetworkPolicy,
        Self::PodDisruptionBudget,
        Self::BackendConfig,
        Self::FrontendConfig,
        Self::ReplicaSet,
        Self::Pod,
        Self::Event,
        Self::StorageClass,
        Self::Node,
        Self::Lease,
        Self::IngressClass,
    ];

    /// The kind's name, as manifests have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespace => "Namespace",
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
            Self::ServiceAccount => "ServiceAccount",
            Self::Role => "Role",
            Self::RoleBinding => "RoleBinding",
            Self::PersistentVolume => "PersistentVolume",
            Self::PersistentVolumeClaim => "PersistentVolumeClaim",
            Self::Job => "Job",
            Self::Service => "Service",
            Self::Deployment => "Deployment",
            Self::Ingress => "Ingress",
            Self::NetworkPolicy => "NetworkPolicy",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
            Self::BackendConfig => "BackendConfig",
            Self::FrontendConfig => "FrontendConfig",
            Self::ReplicaSet => "ReplicaSet",
            Self::Pod => "Pod",
            Self::Event => "Event",
            Self::StorageClass => "StorageClass",
            Self::Node => "Node",
            Self::Lease => "Lease",
            Self::IngressClass => "IngressClass",
        }
    }

    /// The API group, empty for the core group.
    pub fn group(self) -> &'static str {
        match self {
            Self::Deployment | Self::ReplicaSet => "apps",
            Self::Job => "batch",
            Self::Ingress | Self::NetworkPolicy | Self::IngressClass => "networking.k8s.io",
            Self::PodDisruptionBudget => "policy",
            Self::BackendConfig => "cloud.google.com",
            Self::FrontendConfig => "networking.gke.io",
            Self::Role | Self::RoleBinding => "rbac.authorization.k8s.io",
            Self::StorageClass => "storage.k8s.io",
            Self::Lease => "coordination.k8s.io",
            _ => "",
        }
    }

    /// The API version within the group; each is served by every server since 1.20, but for those of [optional
    /// kinds](Self::is_optional).
    pub fn version(self) -> &'static str {
        match self {
            Self::FrontendConfig => "v1beta1",
            _ => "v1",
        }
    }

    /// Whether an instance runs without objects of this kind, so that they are left out where the server does not serve it:
    /// budgets of `policy/v1` are served from Kubernetes 1.21 on, and Google's kinds on GKE alone.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::PodDisruptionBudget | Self::BackendConfig | Self::FrontendConfig)
    }

    /// `apiVersion` as manifests have it.
    pub fn api_version(self) -> String {
        match self.group() {
            "" => self.version().to_owned(),
            group => format!("{group}/{}", self.version()),
        }
    }

    /// The kind's name in URLs.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Namespace => "namespaces",
            Self::Secret => "secrets",
            Self::ConfigMap => "configmaps",
            Self::ServiceAccount => "serviceaccounts",
            Self::Role => "roles",
            Self::RoleBinding => "rolebindings",
            Self::PersistentVolume => "persistentvolumes",
            Self::PersistentVolumeClaim => "persistentvolumeclaims",
            Self::Job => "jobs",
            Self::Service => "services",
            Self::Deployment => "deployments",
            Self::Ingress => "ingresses",
            Self::NetworkPolicy => "networkpolicies",
            Self::PodDisruptionBudget => "poddisruptionbudgets",
            Self::BackendConfig => "backendconfigs",
            Self::FrontendConfig => "frontendconfigs",
            Self::ReplicaSet => "replicasets",
            Self::Pod => "pods",
            Self::Event => "events",
            Self::StorageClass => "storageclasses",
            Self::Node => "nodes",
            Self::Lease => "leases",
            Self::IngressClass => "ingressclasses",
        }
    }

    /// Whether objects of this kind live in a namespace.
    pub fn is_namespaced(self) -> bool {
        !matches!(self, Self::Namespace | Self::PersistentVolume | Self::StorageClass | Self::Node | Self::IngressClass)
    }

    /// Whether objects of this kind hold data that cannot be made again, or hold it together: nothing ever deletes
    /// them without being told so by name.
    pub fn holds_data(self) -> bool {
        matches!(self, Self::PersistentVolume | Self::PersistentVolumeClaim | Self::Secret | Self::Namespace)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What identifies an object in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// The kind.
    pub kind: Kind,
    /// The namespace; none for kinds that have none.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectKey {
    /// The key of an object; the namespace is dropped for kinds that have none.
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        let namespace = kind.is_namespaced().then(|| namespace.to_owned());
        Self { kind, namespace, name: name.to_owned() }
    }
}

impl fmt::Display for ObjectKey {
    /// `Deployment/cht-api`, as `kubectl` names objects.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}
