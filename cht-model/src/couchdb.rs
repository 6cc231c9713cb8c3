//! CouchDB: its nodes, where they run and where their data lies.

use crate::{Credentials, CredentialsSecret, DatabaseName, NodeName, Port, SubPath, Volume};

/// CouchDB as one instance has it.
#[derive(Debug, Clone)]
pub struct CouchDb {
    /// Administrator and cluster secrets; of an existing Secret nothing is known here.
    pub credentials: Credentials,
    /// The Secret that CHT's pods read them from.
    pub credentials_secret: CredentialsSecret,
    /// The main database.
    pub database: DatabaseName,
    /// One node or a cluster.
    pub topology: Topology,
    /// Taints of Kubernetes nodes that the CouchDB pods tolerate.
    pub tolerations: Vec<Toleration>,
    /// `haproxy.port`: the port by which everything else reaches CouchDB.
    pub haproxy_port: Port,
}

/// One node or a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an instance has one, and a box would be in everyone's way")]
pub enum Topology {
    /// One node, `couchdb`.
    Single(Node),
    /// A cluster of `couchdb-1` to `couchdb-n`.
    Clustered(Nodes),
}

impl Topology {
    /// The nodes in order, numbered from 1.
    pub fn nodes(&self) -> &[Node] {
        match self {
            Self::Single(node) => std::slice::from_ref(node),
            Self::Clustered(nodes) => nodes.as_slice(),
        }
    }
}

/// The nodes of a cluster: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes(Vec<Node>);

impl Nodes {
    /// A cluster of these nodes, or nothing when there is none.
    pub fn new(nodes: Vec<Node>) -> Option<Self> {
        (!nodes.is_empty()).then_some(Self(nodes))
    }

    /// The nodes in order, numbered from 1.
    pub fn as_slice(&self) -> &[Node] {
        &self.0
    }
}

/// One CouchDB node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it keeps its data on.
    pub volume: Volume,
    /// Where on the volume CouchDB's data lies; empty for the volume's root.
    pub data_path: SubPath,
    /// The Kubernetes node that its pod must run on (`nodes.node-N`). A single node has one only on 4.x on k3s, whose data is in a
    /// folder of that Kubernetes node, and keeps to it in the production profile.
    pub placement: Option<NodeName>,
}

/// A taint that pods tolerate (`toleration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The taint's key.
    pub key: String,
    /// The taint's value; none tolerates every value (operator `Exists`).
    pub value: Option<String>,
    /// The effect; none tolerates every effect.
    pub effect: Option<TolerationEffect>,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TolerationEffect {
    /// They are not scheduled.
    NoSchedule,
    /// They are scheduled elsewhere where that is possible.
    PreferNoSchedule,
    /// They are evicted.
    NoExecute,
}

impl TolerationEffect {
    /// The name that Kubernetes has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSchedule => "NoSchedule",
            Self::PreferNoSchedule => "PreferNoSchedule",
            Self::NoExecute => "NoExecute",
        }
    }
}
