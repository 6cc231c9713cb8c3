//! The API: what people's browsers and phones talk to.

use cht_model::Instance;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PodSpec, Service};

use crate::workload::{self, Rollout, Termination};
use crate::{container, credentials, service};

/// The Service of the API.
pub(crate) const SERVICE: &str = "api";

/// Where the API says how it is, without asking who wants to know.
pub(crate) const HEALTH_PATH: &str = "/setup/poll";

const NAME: &str = "cht-api";

/// The Deployment. The URL of the upgrade service is for instances that have one.
pub(crate) fn deployment(
    instance: &Instance,
    rollout: Rollout,
    termination: Termination,
    upgrade_service_url: Option<String>,
) -> Deployment {
    let api = instance.api();
    let env = container::logging(api.logging.as_ref())
        .into_iter()
        .chain([container::env("BUILDS_URL", &api.builds_url), credentials::couch_url(instance)])
        .chain(upgrade_service_url.map(|url| container::env("UPGRADE_SERVICE_URL", url)))
        .chain([container::env("API_PORT", api.port.get().to_string())])
        .collect();
    let container = Container {
        env: Some(env),
        ports: Some(vec![container::port(api.port.get())]),
        ..container::of_cht(NAME, instance.images(), "api")
    };
    let pod = PodSpec { termination_grace_period_seconds: termination.seconds(), ..workload::pod(vec![container]) };
    workload::deployment(NAME, SERVICE, rollout, pod)
}

/// The Service, of the type that the values ask for.
pub(crate) fn service(instance: &Instance) -> Service {
    let api = instance.api();
    let mut service = service::service(SERVICE, SERVICE, vec![service::port(api.port.get())]);
    service.spec.get_or_insert_default().type_ = Some(api.service_type.as_str().to_owned());
    service
}
