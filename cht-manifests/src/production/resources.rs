//! How much of a machine each container is given.

use std::collections::BTreeMap;

use cht_model::{Instance, Program, Resources};
use k8s_openapi::api::core::v1::{Container, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::{Component, nouveau};

/// A folder is soon made.
const OF_A_JOB: [(&str, &str); 2] = [("cpu", "10m"), ("memory", "16Mi")];
const JOBS_LIMIT: [(&str, &str); 1] = [("memory", "64Mi")];

/// Gives a container of a Deployment what its program is given.
pub(super) fn set(component: Component, instance: &Instance, container: &mut Container) {
    container.resources = program(component, container).map(|program| requirements(instance.sizing().program(program)));
}

/// Gives a container of a Job what it takes to make a folder.
pub(super) fn set_of_job(container: &mut Container) {
    container.resources = Some(ResourceRequirements {
        requests: Some(quantities(OF_A_JOB)),
        limits: Some(quantities(JOBS_LIMIT)),
        ..Default::default()
    });
}

fn program(component: Component, container: &Container) -> Option<Program> {
    match component {
        Component::CouchDb(_) if container.name == nouveau::NAME => Some(Program::Nouveau),
        Component::CouchDb(_) => Some(Program::CouchDb),
        Component::HaProxy => Some(Program::HaProxy),
        Component::HealthCheck => Some(Program::HealthCheck),
        Component::Api => Some(Program::Api),
        Component::Sentinel => Some(Program::Sentinel),
        Component::UpgradeService => Some(Program::UpgradeService),
        Component::Instance => None,
    }
}

fn requirements(resources: &Resources) -> ResourceRequirements {
    let Resources { cpu_request, cpu_limit, memory_request, memory_limit } = resources;
    let memory = |quantity: &cht_model::Quantity| ("memory", quantity.to_string());
    let cpu = |share: &cht_model::Cpu| ("cpu", share.to_string());
    ResourceRequirements {
        requests: Some(quantities([cpu(cpu_request), memory(memory_request)])),
        limits: Some(quantities(cpu_limit.iter().map(cpu).chain([memory(memory_limit)]))),
        ..Default::default()
    }
}

fn quantities<T: Into<String>>(of: impl IntoIterator<Item = (&'static str, T)>) -> BTreeMap<String, Quantity> {
    of.into_iter().map(|(name, quantity)| (name.to_owned(), Quantity(quantity.into()))).collect()
}
