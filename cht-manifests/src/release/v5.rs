//! What an instance of CHT 5.x consists of.

use cht_model::{Instance, V5};

use crate::couchdb::ClusterApi;
use crate::listing::Listing;
use crate::member::Member;
use crate::nouveau::Sidecar;
use crate::workload::{Rollout, Termination};
use crate::{
    Component, Manifest, Stage, api, couchdb, credentials, directory, haproxy, healthcheck, namespace, platform,
    sentinel, servers, storage,
};

/// Every object of the instance.
pub(crate) fn list(instance: &Instance, line: V5) -> Vec<Manifest> {
    let mut list = Listing::of(instance);
    list.add(Stage::Namespace, Component::Instance, namespace::namespace(instance.namespace()))
        .add_any(Stage::Configuration, Component::Instance, credentials::secret(instance))
        .add(Stage::Configuration, Component::Instance, servers::config_map(instance));

    for member in Member::all(instance) {
        let node = member.component();
        let nouveau = Sidecar::beside(&member, line.nouveau);
        list.add_any(Stage::Storage, node, storage::persistent_volume(&member))
            .add_any(Stage::Storage, node, storage::claim(&member))
            .add_until_bound(Stage::Storage, node, member.claim(), directory::job(&member))
            .add(Stage::Services, node, couchdb::service(&member, ClusterApi::Absent))
            .add_any(Stage::Services, node, nouveau.as_ref().map(Sidecar::service))
            .add(Stage::CouchDb, node, couchdb::deployment(&member, nouveau.as_ref()));
    }

    list.add(Stage::Services, Component::HaProxy, haproxy::service(instance))
        .add(Stage::Services, Component::HealthCheck, healthcheck::service())
        .add(Stage::Services, Component::Api, api::service(instance))
        .add(Stage::Proxy, Component::HealthCheck, healthcheck::deployment(instance, Rollout::Recreate))
        .add(Stage::Proxy, Component::HaProxy, haproxy::deployment(instance, Rollout::Recreate, Termination::Immediate))
        .add(Stage::Api, Component::Api, api::deployment(instance, Rollout::Recreate, Termination::Immediate, None))
        .add(Stage::Sentinel, Component::Sentinel, sentinel::deployment(instance, Rollout::Recreate))
        .add_any(Stage::Ingress, Component::Api, platform::ingress(instance));
    list.into_manifests()
}
