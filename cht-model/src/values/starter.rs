//! A first file of values for a new instance: small, commented, and right for its platform, release line and topology.
//!
//! ```
//! use cht_model::starter::{Site, Spread, Starter, Storage};
//! use cht_model::{Environment, Layer, Values};
//! use secrecy::ExposeSecret;
//!
//! let starter = Starter {
//!     schema: None,
//!     project: "clinic".parse()?,
//!     namespace: "clinic".parse()?,
//!     version: "5.3.0".parse()?,
//!     site: Site::K3s { environment: Environment::Local, host: None },
//!     spread: Spread::Single,
//!     storage: Storage::Claims { size: "10Gi".parse()?, class: None },
//!     credentials: None,
//! };
//! let text = starter.values()?;
//! let checked = Values::load(&[Layer::new("values.yaml", text.expose_secret())])?.validate()?;
//! assert!(checked.warnings.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod scalar;
mod text;
mod version;

use std::num::NonZeroU8;

use secrecy::{ExposeSecret, SecretString};

pub use address::SchemaAddress;
pub use version::ReleaseVersion;

use crate::{
    CertificateArn, DiskPath, Environment, GroupName, HostName, Invalid, Layer, NamespaceName, NodeName, PlatformKind,
    ProjectName, Quantity, StorageClassName, Values,
};

/// What a new instance shall be.
#[derive(Debug, Clone)]
pub struct Starter {
    /// Where an editor finds the schema of values, for a first line that tells it so.
    pub schema: Option<SchemaAddress>,
    /// The instance's name.
    pub project: ProjectName,
    /// The namespace that it lives in.
    pub namespace: NamespaceName,
    /// The version of CHT, which decides the release line.
    pub version: ReleaseVersion,
    /// The platform, and how people reach the instance.
    pub site: Site,
    /// CouchDB's nodes.
    pub spread: Spread,
    /// What each of them keeps its data on.
    pub storage: Storage,
    /// Credentials to write into the file; without them the first deploy makes them.
    pub credentials: Option<StarterCredentials>,
}

/// The platform, and how people reach the instance there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// k3s, on machines or in k3d.
    K3s {
        /// Whether it is this machine.
        environment: Environment,
        /// The name that people open. 4.x needs one; without one every name leads to a 5.x instance.
        host: Option<HostName>,
    },
    /// Amazon's Elastic Kubernetes Service, behind an Application Load Balancer.
    Eks {
        /// The name that people open.
        host: HostName,
        /// The load balancer that instances share.
        group: GroupName,
        /// The load balancer's certificate.
        certificate: Option<CertificateArn>,
    },
    /// Google Kubernetes Engine; without an ingress when there is none here.
    Gke(Option<GkeIngress>),
}

/// How people reach an instance on Google Kubernetes Engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GkeIngress {
    /// The name that people open.
    pub host: HostName,
    /// The name of a reserved global address.
    pub static_ip: Option<String>,
    /// The name of a managed certificate.
    pub managed_certificate: Option<String>,
}

/// CouchDB's nodes, and where they run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spread {
    /// One node without a cluster.
    Single,
    /// A cluster of so many nodes, wherever Kubernetes puts them.
    Anywhere(NonZeroU8),
    /// A cluster with a node on each of these Kubernetes nodes.
    On(Vec<NodeName>),
}

/// What each CouchDB node keeps its data on.
#[derive(Debug, Clone)]
pub enum Storage {
    /// A claim.
    Claims {
        /// The size of each.
        size: Quantity,
        /// Their class, where it is not the platform's usual one.
        class: Option<StorageClassName>,
    },
    /// A folder of the machine, which only a single node of 4.x on k3s has.
    Folder(DiskPath),
}

/// Credentials to write into the file.
#[derive(Debug, Clone)]
pub struct StarterCredentials {
    /// The administrator's password.
    pub password: SecretString,
    /// The secret that CouchDB signs cookies with.
    pub secret: SecretString,
    /// The identity of the CouchDB server.
    pub uuid: SecretString,
}

impl Site {
    /// Which platform it is.
    pub fn kind(&self) -> PlatformKind {
        match self {
            Self::K3s { .. } => PlatformKind::K3s,
            Self::Eks { .. } => PlatformKind::Eks,
            Self::Gke(_) => PlatformKind::Gke,
        }
    }
}

impl Spread {
    /// How many nodes there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Single => 1,
            Self::Anywhere(count) => usize::from(count.get()),
            Self::On(names) => names.len(),
        }
    }
}

impl Starter {
    /// The text of the file, which makes an instance. It is secret because it may hold the credentials.
    ///
    /// # Errors
    /// [`Invalid`] when the parts do not go together, such as 4.x on Google Kubernetes Engine.
    pub fn values(&self) -> Result<SecretString, Invalid> {
        let text = SecretString::from(text::of(self));
        let values = Values::load(&[Layer::new("the new file", text.expose_secret())]);
        let values = values.map_err(|error| Invalid { problems: error.problems })?;
        values.validate()?;
        Ok(text)
    }
}
