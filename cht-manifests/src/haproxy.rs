//! HAProxy: the one way by which everything reaches CouchDB.

use cht_model::{CredentialKey, Instance};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PodSpec, Service};

use crate::servers::Servers;
use crate::workload::{self, Rollout, Termination};
use crate::{container, credentials, dns, healthcheck, service};

/// The Service of HAProxy.
pub(crate) const SERVICE: &str = "haproxy";

const NAME: &str = "cht-haproxy";

/// The port's name, whatever its number: existing instances have it.
const PORT_NAME: &str = "5984";

/// The Deployment.
pub(crate) fn deployment(instance: &Instance, rollout: Rollout, termination: Termination) -> Deployment {
    let port = instance.couchdb().haproxy_port.get();
    let env = vec![
        credentials::credential(instance, CredentialKey::Password),
        Servers::All.env(),
        credentials::user(instance),
        container::env("HAPROXY_IP", "0.0.0.0"),
        container::env("HAPROXY_PORT", port.to_string()),
        container::env("HEALTHCHECK_ADDR", dns::host(healthcheck::SERVICE, instance.namespace())),
    ];
    let container = Container {
        env: Some(env),
        ports: Some(vec![container::port(port)]),
        ..container::of_cht(NAME, instance.images(), "haproxy")
    };
    let pod = PodSpec {
        hostname: Some("haproxy".to_owned()),
        termination_grace_period_seconds: termination.seconds(),
        ..workload::pod(vec![container])
    };
    workload::deployment(NAME, SERVICE, rollout, pod)
}

/// The Service.
pub(crate) fn service(instance: &Instance) -> Service {
    let port = instance.couchdb().haproxy_port.get();
    service::service(SERVICE, SERVICE, vec![service::named_port(PORT_NAME, port)])
}
