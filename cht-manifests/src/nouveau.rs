//! Nouveau: full-text search, in a container beside CouchDB.

use cht_model::Nouveau;
use k8s_openapi::api::core::v1::{Container, Service};

use crate::member::Member;
use crate::{container, service, storage};

pub(crate) const NAME: &str = "cht-couchdb-nouveau";
pub(crate) const PORT: u16 = 5987;
/// The Service that CouchDB's images call when they are told of no other.
pub(crate) const SERVICE: &str = "nouveau";

/// The Nouveau beside one CouchDB node.
pub(crate) struct Sidecar<'a> {
    member: &'a Member<'a>,
    service: String,
    named_by_url: bool,
}

impl<'a> Sidecar<'a> {
    /// The Nouveau beside this node, where it has one.
    pub(crate) fn beside(member: &'a Member<'a>, nouveau: Nouveau) -> Option<Self> {
        let (service, named_by_url) = match (member.number, nouveau) {
            (None, _) | (Some(1), Nouveau::Shared) => (SERVICE.to_owned(), false),
            (Some(_), Nouveau::Shared) => return None,
            (Some(_), Nouveau::PerNode) => (format!("{SERVICE}{}", member.suffix()), true),
        };
        Some(Self { member, service, named_by_url })
    }

    /// Where CouchDB finds it, where that is not the name that the images have built in.
    pub(crate) fn url(&self) -> Option<String> {
        self.named_by_url.then(|| format!("http://{}:{PORT}", self.service))
    }

    /// The container, which keeps its indexes on the node's volume.
    pub(crate) fn container(&self) -> Container {
        let volume = storage::pod_volume_name(self.member);
        Container {
            ports: Some(vec![container::port(PORT)]),
            volume_mounts: Some(vec![container::mount(&volume, "data", "/data/nouveau")]),
            ..container::of_cht(NAME, self.member.instance.images(), "couchdb-nouveau")
        }
    }

    /// The Service.
    pub(crate) fn service(&self) -> Service {
        service::service(&self.service, &self.member.service(), vec![service::named_port("nouveau-service", PORT)])
    }
}
