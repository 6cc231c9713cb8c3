//! Typed, validated values of a Community Health Toolkit (CHT) instance.
//!
//! A person writes *values*: the keys of CHT's Helm charts, of either release line. This crate reads them, remembers
//! where each was written, reports every problem at once, and hands out an [`Instance`]: the validated whole, from
//! which nothing invalid can be built. It knows no Kubernetes API and does no input or output beyond the text it is
//! given.
//!
//! ```
//! use cht_model::{Layer, Platform, Values};
//!
//! let text = "
//! namespace: county-a
//! chtversion: 5.3.0
//! cluster_type: k3s-k3d
//! couchdb:
//!   couchdb_node_storage_size: 10Gi
//! ";
//! let values = Values::load(&[Layer::new("values.yaml", text), Layer::set("ingress.host=cht.example.org")])?;
//! let checked = values.validate()?;
//! assert!(checked.warnings.is_empty());
//! assert!(matches!(checked.value.platform(), Platform::K3s(_)));
//! assert_eq!(checked.value.address(), "https://cht.example.org");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is wrong comes out all at once, with its place:
//!
//! ```
//! use cht_model::{Layer, Values};
//!
//! let values = Values::load(&[Layer::new("values.yaml", "namespace: County A\nchtversion: 5.3\n")])?;
//! let invalid = values.validate().expect_err("three mistakes");
//! let places = invalid.problems.errors().filter_map(|problem| problem.place()).map(ToString::to_string);
//! assert_eq!(places.collect::<Vec<_>>(), ["values.yaml", "values.yaml:1:12", "values.yaml:2:13"]);
//! # Ok::<(), cht_model::LoadError>(())
//! ```

mod certificate;
mod couch_url;
mod couchdb;
mod cpu;
mod credential_rules;
mod credentials;
mod images;
mod ingress;
mod instance;
mod names;
mod network;
mod platform;
mod profile;
mod quantity;
mod release;
mod resources;
mod services;
mod storage;
mod values;

pub use certificate::{CertificateSource, FilePath, Issuer, TLS_SECRET};
pub use couch_url::CouchUrl;
pub use couchdb::{CouchDb, Node, Nodes, Toleration, TolerationEffect, Topology};
pub use cpu::{Cpu, InvalidCpu};
pub use credential_rules::{CredentialFault, user_fault};
pub use credentials::{CredentialKey, Credentials, CredentialsSecret};
pub use images::{Architecture, Images, PullPolicy};
pub use ingress::{AlbIngress, GceIngress, K3sIngress, TlsSecret};
pub use instance::{Environment, Instance};
pub use names::{
    CertificateArn, DatabaseName, GroupName, HostName, ImageTag, IngressClassName, InvalidName, NamespaceName,
    NodeName, PriorityClassName, ProjectName, Registry, SecretName, StorageClassName, SubPath,
};
pub use network::{ApiClients, NetworkAccess};
pub use platform::{Platform, PlatformKind};
pub use profile::Profile;
pub use quantity::{InvalidQuantity, Quantity};
pub use release::{Nouveau, Release, V4, V5};
pub use resources::{Program, Resources, Size, Sizing};
pub use services::{Api, Logging, Port, Sentinel, ServiceType};
pub use storage::{Disk, DiskPath, ExistingVolume, Volume};
pub use values::{
    Change, ChangeKind, Checked, Code, EffectiveValue, EffectiveValues, Invalid, InvalidTarget, Layer, LoadError,
    MigrateError, Migration, NoReferences, Origin, Place, Position, Problem, Problems, References, Severity,
    ShownValue, Target, Values, migrate, starter,
};
