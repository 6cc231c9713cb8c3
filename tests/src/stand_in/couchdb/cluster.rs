//! The nodes that a CouchDB node knows, and how they come to know each other.

use std::io;
use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use tokio::net::TcpStream;

use super::volume::Volume;
use crate::http::StatusCode;
use crate::stand_in::control::Control;
use crate::stand_in::couch::{AGAIN, Couch, PORT};
use crate::stand_in::environment::{list, variable};
use crate::stand_in::log::say;

const SYSTEM_DATABASES: [&str; 3] = ["_users", "_replicator", "_global_changes"];
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A node among those of its cluster.
pub(super) struct Cluster {
    name: String,
    volume: Volume,
    place: Place,
}

/// Which node of its cluster a node is.
enum Place {
    Single,
    First { peers: Vec<(String, Couch)> },
    Other { first: Couch },
}

/// What `/_membership` says.
pub(super) struct Membership {
    /// The nodes that are connected.
    pub(super) all: Vec<String>,
    /// The nodes that belong to the cluster.
    pub(super) cluster: Vec<String>,
}

impl Cluster {
    pub(super) fn of_environment(volume: Volume, user: &str, password: &str) -> io::Result<Self> {
        let node = |host: String| (Couch::node(&host, user, password), host);
        let peers = list("CLUSTER_PEER_IPS");
        let first = std::env::var("COUCHDB_SYNC_ADMINS_NODE").ok();
        let (host, place) = match (first, peers.is_empty()) {
            (Some(first), _) => (variable("SVC_NAME")?, Place::Other { first: node(first).0 }),
            (None, true) => ("127.0.0.1".to_owned(), Place::Single),
            (None, false) => {
                let peers = peers.into_iter().map(node).map(|(couch, host)| (name(&host), couch)).collect();
                (variable("SVC_NAME")?, Place::First { peers })
            }
        };
        Ok(Self { name: name(&host), volume, place })
    }

    /// Whether the administrator of the first start stays the node's.
    pub(super) fn keeps_credentials(&self) -> bool {
        !matches!(self.place, Place::Other { .. })
    }

    /// Waits for node 1, which every other node gets its administrator from.
    pub(super) async fn wait_for_first(&self) {
        if let Place::Other { first } = &self.place {
            say("waiting for node 1");
            first.wait_until_it_answers().await;
        }
    }

    /// Joins, on node 1, one peer after the other. What a single node needs it makes at once.
    pub(super) async fn join(&self, control: &Control) -> io::Result<()> {
        let peers = match &self.place {
            Place::Single => &[][..],
            Place::First { peers } => peers,
            Place::Other { .. } => return Ok(()),
        };
        for (peer, couch) in peers {
            let mut nodes = self.nodes();
            if nodes.contains(peer) {
                continue;
            }
            control.pass(|settings| settings.joining).await;
            while !couch.answers("/").await {
                tokio::time::sleep(AGAIN).await;
            }
            nodes.push(peer.clone());
            self.volume.set_nodes(&nodes)?;
            say(format_args!("joined {peer}"));
        }
        for database in SYSTEM_DATABASES {
            self.volume.create_database(database)?;
        }
        say("cluster is complete");
        Ok(())
    }

    /// Whether the cluster has a database, as this node sees it.
    pub(super) async fn has_database(&self, database: &str) -> bool {
        if self.volume.has_database(database) {
            return true;
        }
        let Place::Other { first } = &self.place else { return false };
        self.is_joined() && first.answers(&format!("/{database}")).await
    }

    pub(super) async fn membership(&self) -> io::Result<Membership> {
        if let Place::Other { first } = &self.place {
            self.learn(first).await?;
        }
        let cluster = self.nodes();
        let connected = join_all(cluster.iter().map(|node| self.is_connected(node))).await;
        let all = cluster.iter().zip(connected).filter(|(_, connected)| *connected).map(|(node, _)| node.clone());
        Ok(Membership { all: all.collect(), cluster })
    }

    /// Notes what node 1 knows, once that is something about this node.
    async fn learn(&self, first: &Couch) -> io::Result<()> {
        let Ok((StatusCode::OK, body)) = first.get("/_membership").await else { return Ok(()) };
        let known = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        let known = known["cluster_nodes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let known: Vec<_> = known.map(str::to_owned).collect();
        if known.contains(&self.name) { self.volume.set_nodes(&known) } else { Ok(()) }
    }

    fn is_joined(&self) -> bool {
        self.volume.nodes().contains(&self.name)
    }

    /// Those of the cluster, of which this is always one.
    fn nodes(&self) -> Vec<String> {
        let known = self.volume.nodes();
        if known.is_empty() { vec![self.name.clone()] } else { known }
    }

    async fn is_connected(&self, node: &str) -> bool {
        let host = node.trim_start_matches("couchdb@");
        let connecting = TcpStream::connect((host, PORT));
        node == self.name || matches!(tokio::time::timeout(CONNECT_TIMEOUT, connecting).await, Ok(Ok(_)))
    }
}

fn name(host: &str) -> String {
    format!("couchdb@{host}")
}
