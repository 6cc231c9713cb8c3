//! What requests to the API may be like: what the nginx allows that CHT ships with, said to each load balancer in its words.

use cht_model::{Instance, Platform};
use k8s_openapi::api::networking::v1::Ingress;

use super::{eks, k3s};

/// Attachments and uploads of phones that were long out of reach.
pub(super) const LARGEST_BODY_MIB: u32 = 32;

/// The API keeps requests for changes open, and answers slow ones late.
pub(super) const LONGEST_WAIT_SECONDS: u32 = 3600;

/// Says it on the ingress.
pub(crate) fn limit(instance: &Instance, ingress: &mut Ingress) {
    match instance.platform() {
        Platform::K3s(_) => k3s::limit(ingress),
        Platform::Eks(_) => eks::limit(ingress),
        Platform::Gke(_) => {}
    }
}
