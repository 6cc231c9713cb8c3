//! What an instance of CHT 4.x consists of.

use cht_model::{Instance, V4};

use crate::couchdb::ClusterApi;
use crate::listing::Listing;
use crate::member::Member;
use crate::workload::{Rollout, Termination};
use crate::{
    Component, Manifest, Stage, api, couchdb, credentials, directory, haproxy, healthcheck, namespace, platform,
    sentinel, servers, storage, upgrade_service,
};

/// Every object of the instance.
pub(crate) fn list(instance: &Instance, line: &V4) -> Vec<Manifest> {
    let mut list = Listing::of(instance);
    list.add(Stage::Namespace, Component::Instance, namespace::namespace(instance.namespace()))
        .add_any(Stage::Configuration, Component::Instance, credentials::secret(instance))
        .add(Stage::Configuration, Component::Instance, servers::config_map(instance))
        .add(Stage::Configuration, Component::Instance, upgrade_service::service_account())
        .add(Stage::Configuration, Component::Instance, upgrade_service::role())
        .add(Stage::Configuration, Component::Instance, upgrade_service::role_binding());

    for member in Member::all(instance) {
        let node = member.component();
        list.add_any(Stage::Storage, node, storage::persistent_volume(&member))
            .add_any(Stage::Storage, node, storage::claim(&member))
            .add_until_bound(Stage::Storage, node, member.claim(), directory::job(&member))
            .add(Stage::Services, node, couchdb::service(&member, ClusterApi::Offered))
            .add(Stage::CouchDb, node, couchdb::deployment(&member, None));
    }

    let upgrades = upgrade_service::url(instance);
    list.add(Stage::Services, Component::HaProxy, haproxy::service(instance))
        .add(Stage::Services, Component::HealthCheck, healthcheck::service())
        .add(Stage::Services, Component::Api, api::service(instance))
        .add(Stage::Services, Component::UpgradeService, upgrade_service::service())
        .add(Stage::Proxy, Component::HealthCheck, healthcheck::deployment(instance, Rollout::Overlapping))
        .add(
            Stage::Proxy,
            Component::HaProxy,
            haproxy::deployment(instance, Rollout::Overlapping, Termination::Graceful),
        )
        .add(
            Stage::Api,
            Component::UpgradeService,
            upgrade_service::deployment(instance, Rollout::InPlace, &line.upgrade_service),
        )
        .add(
            Stage::Api,
            Component::Api,
            api::deployment(instance, Rollout::InPlace, Termination::Graceful, Some(upgrades)),
        )
        .add(Stage::Sentinel, Component::Sentinel, sentinel::deployment(instance, Rollout::Overlapping))
        .add_any(Stage::Ingress, Component::Api, platform::ingress(instance));
    list.into_manifests()
}
