//! Whose data a cluster holds.

use std::collections::BTreeSet;
use std::time::Duration;

use cht_k8s::{Cluster, ClusterError, LiveObject};
use cht_local::Owner;
use cht_manifests::Kind;

use crate::commands::local::DEVELOPMENT;

/// How long a cluster has to say what it holds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whose data a cluster holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    None,
    /// That of the development instance, and no other.
    Development,
    /// That of others, too: where.
    Others(BTreeSet<String>),
    /// Nobody knows: why.
    Unknown(String),
}

impl Data {
    /// Why nobody may remove it without the cluster's name, if so.
    pub(super) fn of_others(&self) -> Option<String> {
        match self {
            Self::None | Self::Development => None,
            Self::Others(places) => {
                let places: Vec<_> = places.iter().map(String::as_str).collect();
                Some(format!("there is data in it of others than its development instance: {}", places.join(", ")))
            }
            Self::Unknown(why) => Some(format!("what it holds is not known ({why})")),
        }
    }

    /// What goes with the cluster.
    pub(super) fn went_with_it(&self) -> &'static str {
        match self {
            Self::None => "",
            Self::Development => ", with the instance cht-dev and everything stored in it",
            Self::Others(_) | Self::Unknown(_) => ", with everything stored in it",
        }
    }
}

/// What a cluster holds that `owner` is the reason for.
pub(super) async fn of(cluster: &dyn Cluster, owner: Owner) -> Data {
    match tokio::time::timeout(PATIENCE, holders(cluster)).await {
        Err(_) => Data::Unknown("it does not answer".to_owned()),
        Ok(Err(error)) => Data::Unknown(error.to_string()),
        Ok(Ok(holders)) if holders.is_empty() => Data::None,
        Ok(Ok(holders)) => {
            let others: BTreeSet<_> =
                holders.into_iter().filter(|holder| owner != Owner::Development || !holder.is_development).collect();
            if others.is_empty() {
                Data::Development
            } else {
                Data::Others(others.into_iter().map(|holder| holder.place).collect())
            }
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    place: String,
    is_development: bool,
}

/// Claims, volumes, CouchDB, and the records of instances that were uninstalled. CHT 4 keeps its data without claims.
async fn holders(cluster: &dyn Cluster) -> Result<Vec<Holder>, ClusterError> {
    let mut holders = Vec::new();
    for claim in cluster.list(Kind::PersistentVolumeClaim, None).await?.items {
        holders.push(holder(&claim, "claim"));
    }
    for volume in cluster.list(Kind::PersistentVolume, None).await?.items {
        let namespace = volume.text("/spec/claimRef/namespace").unwrap_or_default();
        let is_development = namespace == DEVELOPMENT;
        holders.push(Holder { place: format!("volume {}", volume.name()), is_development });
    }
    let is_couchdb =
        |deployment: &LiveObject| deployment.label("cht.service").is_some_and(|service| service.starts_with("couchdb"));
    for deployment in cluster.list(Kind::Deployment, None).await?.items.iter().filter(|one| is_couchdb(one)) {
        holders.push(holder(deployment, "Deployment"));
    }
    let is_record = |map: &LiveObject| map.label("app.kubernetes.io/managed-by") == Some("cht");
    for map in cluster.list(Kind::ConfigMap, None).await?.items.iter().filter(|one| is_record(one)) {
        let instance = map.label("app.kubernetes.io/instance").unwrap_or_default();
        let place = format!("instance {instance} in namespace {}", namespace(map));
        holders.push(Holder { place, is_development: is_development(map) });
    }
    Ok(holders)
}

fn holder(object: &LiveObject, what: &str) -> Holder {
    let place = format!("{what} {}/{}", namespace(object), object.name());
    Holder { place, is_development: is_development(object) }
}

fn namespace(object: &LiveObject) -> &str {
    object.text("/metadata/namespace").unwrap_or_default()
}

fn is_development(object: &LiveObject) -> bool {
    namespace(object) == DEVELOPMENT && object.label("app.kubernetes.io/instance") == Some(DEVELOPMENT)
}
