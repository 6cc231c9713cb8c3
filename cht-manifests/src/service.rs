//! What Services have in common.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::labels;

/// A Service before the pods that have the label `cht.service: {selected}`.
pub(crate) fn service(name: &str, selected: &str, ports: Vec<ServicePort>) -> Service {
    Service {
        metadata: ObjectMeta { name: Some(name.to_owned()), labels: Some(labels::service(name)), ..Default::default() },
        spec: Some(ServiceSpec { selector: Some(labels::service(selected)), ports: Some(ports), ..Default::default() }),
        ..Default::default()
    }
}

/// A port without a name, for a Service that has no other.
pub(crate) fn port(number: u16) -> ServicePort {
    ServicePort {
        port: number.into(),
        target_port: Some(IntOrString::Int(number.into())),
        protocol: Some("TCP".to_owned()),
        ..Default::default()
    }
}

/// A port with a name.
pub(crate) fn named_port(name: &str, number: u16) -> ServicePort {
    ServicePort { name: Some(name.to_owned()), ..port(number) }
}
