//! What may be written behind `cht init`: a flag for each question.

use std::num::NonZeroU8;
use std::path::PathBuf;

use cht_model::starter::{ReleaseVersion, SchemaAddress};
use cht_model::{
    CertificateArn, DiskPath, GroupName, HostName, NamespaceName, NodeName, PlatformKind, ProjectName, Quantity,
    StorageClassName,
};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Init {
    /// The file to write, `-` for standard output
    #[arg(value_name = "FILE", default_value = "values.yaml")]
    pub(crate) file: PathBuf,
    /// Ask nothing: take the defaults
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Where CHT shall run [default with --local: k3s]
    #[arg(long, value_enum, value_name = "PLATFORM")]
    pub(crate) platform: Option<PlatformArg>,
    /// The version of CHT, which decides the release line [default: 5.3.0]
    #[arg(long, value_name = "VERSION")]
    pub(crate) cht_version: Option<ReleaseVersion>,
    /// The Kubernetes namespace that the instance lives in
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Option<NamespaceName>,
    /// The instance's name [default: the namespace]
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<ProjectName>,
    /// k3s: the cluster is on this machine, for development
    #[arg(long)]
    pub(crate) local: bool,
    /// How many CouchDB nodes there are: 1, or a cluster of up to 99 [default: 1]
    #[arg(long, value_name = "N", value_parser = node_count)]
    pub(crate) nodes: Option<NonZeroU8>,
    /// The Kubernetes nodes that a cluster's CouchDB nodes run on, one for each
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) node_names: Vec<NodeName>,
    /// The name that people open, e.g. `cht.example.org`; on k3s, CHT 5 does without [default there: every name]
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<HostName>,
    /// The size of each CouchDB node's volume [default: 100Gi, with --local 10Gi]
    #[arg(long, value_name = "SIZE")]
    pub(crate) storage_size: Option<Quantity>,
    /// The storage class of the volumes [default: the platform's; on EKS gp2]
    #[arg(long, value_name = "NAME")]
    pub(crate) storage_class: Option<StorageClassName>,
    /// CHT 4 on k3s, one node: the folder of the machine that CouchDB keeps its data in [default: /var/lib/NAMESPACE-couchdb1]
    #[arg(long, value_name = "PATH")]
    pub(crate) disk_path: Option<DiskPath>,
    /// EKS: the load balancer that instances share [default: the namespace]
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<GroupName>,
    /// EKS: the load balancer's certificate [default: one of the account's that fits the host]
    #[arg(long, value_name = "ARN")]
    pub(crate) certificate: Option<CertificateArn>,
    /// GKE: the name of a reserved global address
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub(crate) static_ip: Option<String>,
    /// GKE: the name of a managed certificate
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub(crate) managed_certificate: Option<String>,
    /// GKE: no way in from outside the cluster
    #[arg(long, conflicts_with_all = ["host", "static_ip", "managed_certificate"])]
    pub(crate) no_ingress: bool,
    /// Write a new password, secret and uuid into the file, instead of leaving them to the first deploy
    #[arg(long)]
    pub(crate) generate_secrets: bool,
    /// Begin the file with a line that tells editors where the schema of values is (see `cht schema values`)
    #[arg(long, value_name = "PATH")]
    pub(crate) schema: Option<SchemaAddress>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlatformArg {
    /// k3s, on machines or in k3d
    #[value(alias = "k3d", alias = "k3s-k3d")]
    K3s,
    /// Amazon's Elastic Kubernetes Service
    Eks,
    /// Google Kubernetes Engine
    Gke,
}

impl From<PlatformArg> for PlatformKind {
    fn from(platform: PlatformArg) -> Self {
        match platform {
            PlatformArg::K3s => Self::K3s,
            PlatformArg::Eks => Self::Eks,
            PlatformArg::Gke => Self::Gke,
        }
    }
}

/// A number of CouchDB nodes.
pub(crate) fn node_count(text: &str) -> Result<NonZeroU8, String> {
    let count = text.parse().ok().filter(|count: &NonZeroU8| count.get() <= 99);
    count.ok_or_else(|| format!("{text:?} is no number from 1 to 99"))
}

/// A name of which no more is known than that there is one.
pub(crate) fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("a name is needed".to_owned()) } else { Ok(text.to_owned()) }
}
