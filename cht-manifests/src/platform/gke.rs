//! GKE: the ingress that Google's load balancer serves.

use cht_model::{GceIngress, Port};
use k8s_openapi::api::networking::v1::Ingress;

use super::ingress::{annotated, to_api};

/// The ingress. GKE reads its class from the annotation only.
pub(super) fn ingress(values: &GceIngress, port: Port) -> Ingress {
    annotated(
        to_api(Some(&values.host), port),
        [
            ("kubernetes.io/ingress.class", Some("gce")),
            ("kubernetes.io/ingress.global-static-ip-name", values.static_ip_name.as_deref()),
            ("networking.gke.io/managed-certificates", values.managed_certificate_name.as_deref()),
        ],
    )
}
