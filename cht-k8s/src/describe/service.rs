//! A Service that leads to a component, and where it leads now.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use super::probes::port;

/// A Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedService {
    /// The Service.
    pub service: String,
    /// Its sort, e.g. `ClusterIP`.
    pub sort: String,
    /// Its address within the cluster.
    pub address: Option<String>,
    /// Its ports.
    pub ports: Vec<i32>,
    /// Where it leads: addresses of pods that are ready, with the port.
    pub endpoints: Vec<String>,
    /// Pods that it would lead to if they were ready.
    pub not_ready: Vec<String>,
}

impl DescribedService {
    /// The Service, if it selects pods with these labels.
    pub(super) fn of(service: &Service, labels: &BTreeMap<String, String>, pods: &[&Pod]) -> Option<Self> {
        let spec = service.spec.as_ref()?;
        let selector = spec.selector.as_ref().filter(|selector| !selector.is_empty())?;
        if selector.iter().any(|(key, value)| labels.get(key) != Some(value)) {
            return None;
        }
        let (ready, waiting): (Vec<&Pod>, Vec<&Pod>) =
            pods.iter().copied().filter(|pod| pod.metadata.deletion_timestamp.is_none()).partition(|pod| is_ready(pod));
        let ports = || spec.ports.iter().flatten();
        let endpoints = ready.iter().flat_map(|pod| ports().filter_map(|port| endpoint(pod, port)));
        Some(Self {
            service: service.metadata.name.clone().unwrap_or_default(),
            sort: spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned()),
            address: spec.cluster_ip.clone(),
            ports: ports().map(|port| port.port).collect(),
            endpoints: endpoints.collect(),
            not_ready: waiting.iter().filter_map(|pod| pod.metadata.name.clone()).collect(),
        })
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn endpoint(pod: &Pod, of: &ServicePort) -> Option<String> {
    let address = pod.status.as_ref()?.pod_ip.as_ref()?;
    let target = match of.target_port.as_ref() {
        None => of.port.to_string(),
        Some(IntOrString::String(name)) => {
            let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
            let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
            ports.find(|port| port.name.as_ref() == Some(name))?.container_port.to_string()
        }
        Some(number) => port(number),
    };
    Some(format!("{address}:{target}"))
}
