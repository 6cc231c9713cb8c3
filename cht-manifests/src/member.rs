//! One CouchDB node with the names that follow from its place in the instance.

use cht_model::{Instance, Node, Topology};

use crate::{Component, dns};

/// One CouchDB node of an instance.
pub(crate) struct Member<'a> {
    /// The instance that it belongs to.
    pub(crate) instance: &'a Instance,
    /// What the values say of it.
    pub(crate) node: &'a Node,
    /// Its number within a cluster, from 1; none for a single node.
    pub(crate) number: Option<u8>,
}

impl<'a> Member<'a> {
    /// Every CouchDB node of the instance, in order.
    pub(crate) fn all(instance: &'a Instance) -> Vec<Self> {
        match &instance.couchdb().topology {
            Topology::Single(node) => vec![Self { instance, node, number: None }],
            Topology::Clustered(nodes) => (1..=u8::MAX)
                .zip(nodes.as_slice())
                .map(|(number, node)| Self { instance, node, number: Some(number) })
                .collect(),
        }
    }

    /// The component that it is.
    pub(crate) fn component(&self) -> Component {
        Component::CouchDb(self.number)
    }

    /// Its Service and the value of its `cht.service` label.
    pub(crate) fn service(&self) -> String {
        self.component().to_string()
    }

    /// Its name in the cluster's DNS, which is part of its name within CouchDB.
    pub(crate) fn host(&self) -> String {
        dns::host(&self.service(), self.instance.namespace())
    }

    /// Its Deployment and container.
    pub(crate) fn workload(&self) -> String {
        format!("cht-{}", self.service())
    }

    /// Its claim.
    pub(crate) fn claim(&self) -> String {
        format!("{}-claim0", self.service())
    }

    /// The volume that its claim names, where the instance makes it.
    pub(crate) fn persistent_volume(&self) -> String {
        format!("couchdb-pv-{}{}", self.instance.namespace(), self.suffix())
    }

    /// `-N` within a cluster.
    pub(crate) fn suffix(&self) -> String {
        self.number.map_or_else(String::new, |number| format!("-{number}"))
    }
}
