//! What requests to the API may be like: what the nginx allows that CHT ships with, said to each load balancer in its words.

use cht_model::{Instance, Platform};
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::Ingress;

use super::{eks, gke, k3s};
use crate::{Object, api};

/// Attachments and uploads of phones that were long out of reach.
pub(super) const LARGEST_BODY_MIB: u32 = 32;

/// The API keeps requests for changes open, and answers slow ones late.
pub(super) const LONGEST_WAIT_SECONDS: u32 = 3600;

/// Says it on the ingress, or refers there to what says it.
pub(crate) fn limit_ingress(instance: &Instance, ingress: &mut Ingress) {
    match instance.platform() {
        Platform::K3s(_) => k3s::limit(ingress),
        Platform::Eks(_) => eks::limit(ingress),
        Platform::Gke(Some(values)) => gke::refer_to_frontend_config(values, ingress),
        Platform::Gke(None) => {}
    }
}

/// Refers on the API's Service to what says it.
pub(crate) fn limit_service(instance: &Instance, service: &mut Service) {
    if let (Platform::Gke(Some(_)), Some(api::SERVICE)) = (instance.platform(), service.metadata.name.as_deref()) {
        gke::refer_to_backend_config(service);
    }
}

/// The objects that say it, where the ingress itself cannot.
pub(crate) fn limits(instance: &Instance) -> Vec<Object> {
    match instance.platform() {
        Platform::Gke(Some(values)) => {
            let frontend = gke::frontend_config(values).map(Object::from);
            [gke::backend_config(instance.api()).into()].into_iter().chain(frontend).collect()
        }
        Platform::K3s(_) | Platform::Eks(_) | Platform::Gke(None) => Vec::new(),
    }
}
