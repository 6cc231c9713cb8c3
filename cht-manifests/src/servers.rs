//! The `ConfigMap` by which containers know where the CouchDB nodes are.

use std::collections::BTreeMap;

use cht_model::Instance;
use k8s_openapi::api::core::v1::{ConfigMap, ConfigMapKeySelector, EnvVar, EnvVarSource};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::member::Member;

const NAME: &str = "couchdb-servers-configmap";

/// What a container can be told about the CouchDB nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Servers {
    /// All of them.
    All,
    /// Those that join the first node; clusters only.
    Peers,
    /// The first node, which the others copy the administrators from; clusters only.
    First,
}

impl Servers {
    fn key(self) -> &'static str {
        match self {
            Self::All => "COUCHDB_SERVERS",
            Self::Peers => "CLUSTER_PEER_IPS",
            Self::First => "COUCHDB_SYNC_ADMINS_NODE",
        }
    }

    /// The variable by which a container reads it.
    pub(crate) fn env(self) -> EnvVar {
        let selector = ConfigMapKeySelector { name: NAME.to_owned(), key: self.key().to_owned(), ..Default::default() };
        EnvVar {
            name: self.key().to_owned(),
            value_from: Some(EnvVarSource { config_map_key_ref: Some(selector), ..Default::default() }),
            ..Default::default()
        }
    }
}

/// The `ConfigMap`.
pub(crate) fn config_map(instance: &Instance) -> ConfigMap {
    let members = Member::all(instance);
    let hosts: Vec<_> = members.iter().map(Member::host).collect();
    let mut data = BTreeMap::from([(Servers::All.key().to_owned(), hosts.join(","))]);
    if let [Member { number: Some(_), .. }, ..] = members.as_slice() {
        data.insert(Servers::First.key().to_owned(), hosts[0].clone());
        data.insert(Servers::Peers.key().to_owned(), hosts[1..].join(","));
    }
    ConfigMap {
        metadata: ObjectMeta { name: Some(NAME.to_owned()), ..Default::default() },
        data: Some(data),
        ..Default::default()
    }
}
