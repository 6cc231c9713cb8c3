//! Instances to render, each from the values that a person would write for it.

use std::fmt;

use cht_manifests::{Component, Manifests, manifests};
use cht_model::{Instance, Layer, Values};
use serde_json::Value;

/// A version of each release line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V4,
    V52,
    V53,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    K3s,
    Eks,
    Gke,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nodes {
    One,
    Three,
}

/// Whether the values name disks that hold data already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    New,
    Existing,
}

/// One combination of what values can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) version: Version,
    pub(crate) on: On,
    pub(crate) nodes: Nodes,
    pub(crate) data: Data,
}

impl Case {
    /// Every combination that exists.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for version in [Version::V4, Version::V52, Version::V53] {
            for on in [On::K3s, On::Eks, On::Gke] {
                for nodes in [Nodes::One, Nodes::Three] {
                    for data in [Data::New, Data::Existing] {
                        if (version, on) != (Version::V4, On::Gke) {
                            all.push(Self { version, on, nodes, data });
                        }
                    }
                }
            }
        }
        all
    }

    /// The values.
    pub(crate) fn values(self) -> String {
        let version = match self.version {
            Version::V4 => "4.22.0",
            Version::V52 => "5.2.0",
            Version::V53 => "5.3.0",
        };
        let clustered_key =
            if self.version == Version::V4 { "clusteredCouch_enabled" } else { "clusteredCouchEnabled" };
        let clustered = self.nodes == Nodes::Three;
        let existing = self.data == Data::Existing;
        let (platform, couchdb) = match self.on {
            On::K3s => (K3S, ""),
            On::Eks => (EKS, ""),
            On::Gke => (GKE, GKE_DISKS),
        };
        format!(
            "
project_name: county-a
namespace: county-a-prod
chtversion: {version}
environment: remote
couchdb:
  user: medic
  password: 'p@ss word'
  secret: 4a7d1ed4-0000-4000-8000-000000000001
  uuid: 4a7d1ed4-0000-4000-8000-000000000002
  {clustered_key}: {clustered}
  couchdb_node_storage_size: 10Gi
{couchdb}clusteredCouch: {{noOfCouchDBNodes: 3}}
couchdb_data:
  preExistingDataAvailable: {existing}
  dataPathOnDiskForCouchDB: data
{platform}"
        )
    }

    /// The instance.
    pub(crate) fn instance(self) -> Instance {
        instance(&self.values(), &[])
    }

    /// The instance with single values set otherwise, each as `key=value`.
    pub(crate) fn instance_with(self, assignments: &[&str]) -> Instance {
        instance(&self.values(), assignments)
    }

    /// What is rendered for it.
    pub(crate) fn render(self) -> Manifests {
        manifests(&self.instance())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {:?} {:?}", self.version, self.on, self.nodes, self.data)
    }
}

const K3S: &str = "
cluster_type: k3s-k3d
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
local_storage:
  preExistingDiskPath-1: /srv/couchdb1
  preExistingDiskPath-2: /srv/couchdb2
  preExistingDiskPath-3: /srv/couchdb3
ingress: {host: cht.example.org}
";

const EKS: &str = "
cluster_type: eks
toleration: {key: couchdb-only, operator: Equal, value: 'true', effect: NoSchedule}
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
ebs:
  preExistingEBSVolumeID-1: vol-0a0a0a0a0a0a0a0a1
  preExistingEBSVolumeID-2: vol-0a0a0a0a0a0a0a0a2
  preExistingEBSVolumeID-3: vol-0a0a0a0a0a0a0a0a3
  preExistingEBSVolumeSize: 100Gi
ingress:
  host: cht.example.org
  annotations:
    groupname: shared-alb
    tags: Environment=prod
    certificate: arn:aws:acm:eu-west-2:000000000000:certificate/example
";

const GKE: &str = "
cluster_type: gke
ingress:
  host: cht.example.org
  gcp: {staticIpName: cht-ip, managedCertificateName: cht-certificate}
";

/// Part of the section `couchdb`.
const GKE_DISKS: &str = "  persistent_disk:
    size: 100Gi
    diskName: disk
    diskName-1: disk-1
    diskName-2: disk-2
    diskName-3: disk-3
";

/// The instance of a text, with single values set otherwise.
pub(crate) fn instance(text: &str, assignments: &[&str]) -> Instance {
    let mut layers = vec![Layer::new("values.yaml", text)];
    layers.extend(assignments.iter().map(|assignment| Layer::set(*assignment)));
    let values = Values::load(&layers).unwrap_or_else(|error| panic!("{error}"));
    values.validate().unwrap_or_else(|error| panic!("{error}\n{text}")).value
}

/// The objects of one component, as JSON, in order.
pub(crate) fn of_component(manifests: &Manifests, component: Component) -> Vec<Value> {
    manifests
        .iter()
        .filter(|manifest| manifest.component == component)
        .map(|manifest| manifest.object.to_value())
        .collect()
}
