//! The way in: an ingress before the API, as each platform has it.

use cht_model::{HostName, Instance, Platform, Port};
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{eks, gke, k3s};
use crate::api;

/// The ingress, where the instance has one.
pub(crate) fn ingress(instance: &Instance) -> Option<Ingress> {
    let port = instance.api().port;
    match instance.platform() {
        Platform::K3s(ingress) => Some(k3s::ingress(ingress, port)),
        Platform::Eks(ingress) => Some(eks::ingress(ingress, port)),
        Platform::Gke(ingress) => ingress.as_ref().map(|ingress| gke::ingress(ingress, port)),
    }
}

/// An ingress that sends all requests to a host, or to any host, to the API.
pub(super) fn to_api(host: Option<&HostName>, port: Port) -> Ingress {
    let backend = IngressServiceBackend {
        name: api::SERVICE.to_owned(),
        port: Some(ServiceBackendPort { number: Some(port.get().into()), ..Default::default() }),
    };
    let path = HTTPIngressPath {
        path: Some("/".to_owned()),
        path_type: "Prefix".to_owned(),
        backend: IngressBackend { service: Some(backend), ..Default::default() },
    };
    let rule =
        IngressRule { host: host.map(ToString::to_string), http: Some(HTTPIngressRuleValue { paths: vec![path] }) };
    Ingress {
        metadata: ObjectMeta { name: Some("api-ingress".to_owned()), ..Default::default() },
        spec: Some(IngressSpec { rules: Some(vec![rule]), ..Default::default() }),
        ..Default::default()
    }
}

/// The ingress with these annotations; those without a value are left out.
pub(super) fn annotated<'a>(
    mut ingress: Ingress,
    annotations: impl IntoIterator<Item = (&'static str, Option<&'a str>)>,
) -> Ingress {
    let annotations = annotations.into_iter().filter_map(|(key, value)| Some((key, value?)));
    annotate(&mut ingress.metadata, annotations);
    ingress
}

/// Adds annotations to an object's.
pub(super) fn annotate<V: ToString>(
    metadata: &mut ObjectMeta,
    annotations: impl IntoIterator<Item = (&'static str, V)>,
) {
    let annotations = annotations.into_iter().map(|(key, value)| (key.to_owned(), value.to_string()));
    metadata.annotations.get_or_insert_default().extend(annotations);
}
