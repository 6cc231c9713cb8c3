//! HAProxy's health check: the agent that tells it which CouchDB nodes may be asked.

use cht_model::{CredentialKey, Instance};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, Service};

use crate::servers::Servers;
use crate::workload::{self, Rollout};
use crate::{container, credentials, service};

/// The Service of the health check.
pub(crate) const SERVICE: &str = "healthcheck";

const NAME: &str = "cht-haproxy-healthcheck";
pub(crate) const PORT: u16 = 5555;

/// The Deployment.
pub(crate) fn deployment(instance: &Instance, rollout: Rollout) -> Deployment {
    let env = vec![
        credentials::credential(instance, CredentialKey::Password),
        Servers::All.env(),
        credentials::user(instance),
    ];
    let container = Container {
        env: Some(env),
        ports: Some(vec![container::port(PORT)]),
        ..container::of_cht(NAME, instance.images(), "haproxy-healthcheck")
    };
    workload::deployment(NAME, SERVICE, rollout, workload::pod(vec![container]))
}

/// The Service.
pub(crate) fn service() -> Service {
    service::service(SERVICE, SERVICE, vec![service::port(PORT)])
}
