//! GKE: the ingress that Google's load balancer serves.

use cht_model::{Api, GceIngress, Port, ServiceType};
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::ingress::{annotate, annotated, to_api};
use super::limits::LONGEST_WAIT_SECONDS;
use crate::api::HEALTH_PATH;
use crate::gke::{BackendConfig, BackendConfigSpec, FrontendConfig, FrontendConfigSpec, HealthCheck, RedirectToHttps};

const BACKEND_CONFIG: &str = "api-backend-config";
const FRONTEND_CONFIG: &str = "api-frontend-config";

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

/// How long requests may take, and where the API says how it is: `/` only sends browsers on, and the load balancer takes
/// nothing but 200 for well. It takes bodies of any size.
pub(super) fn backend_config(api: &Api) -> BackendConfig {
    // Without a port, the one is asked that serves: behind a port of every node, that is not the pods' own.
    let port = (api.service_type == ServiceType::ClusterIp).then(|| i64::from(api.port.get()));
    let health_check = HealthCheck { type_: Some("HTTP".to_owned()), request_path: Some(HEALTH_PATH.to_owned()), port };
    BackendConfig {
        metadata: named(BACKEND_CONFIG),
        spec: BackendConfigSpec { timeout_sec: Some(LONGEST_WAIT_SECONDS.into()), health_check: Some(health_check) },
    }
}

/// What sends HTTP on to HTTPS, where there is a certificate for that: CHT's cookies are for HTTPS only.
pub(super) fn frontend_config(values: &GceIngress) -> Option<FrontendConfig> {
    serves_https(values).then(|| FrontendConfig {
        metadata: named(FRONTEND_CONFIG),
        spec: FrontendConfigSpec { redirect_to_https: Some(RedirectToHttps { enabled: true }) },
    })
}

/// Refers to the one from the Service.
pub(super) fn refer_to_backend_config(service: &mut Service) {
    let all_ports = format!(r#"{{"default": "{BACKEND_CONFIG}"}}"#);
    annotate(&mut service.metadata, [("cloud.google.com/backend-config", all_ports)]);
}

/// Refers to the other from the ingress.
pub(super) fn refer_to_frontend_config(values: &GceIngress, ingress: &mut Ingress) {
    if serves_https(values) {
        annotate(&mut ingress.metadata, [("networking.gke.io/v1beta1.FrontendConfig", FRONTEND_CONFIG)]);
    }
}

fn serves_https(values: &GceIngress) -> bool {
    values.managed_certificate_name.is_some()
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), ..Default::default() }
}
