//! k3s, on machines or in k3d: the ingress that Traefik serves.

use cht_model::{K3sIngress, Port, TlsSecret};
use k8s_openapi::api::networking::v1::{Ingress, IngressTLS};

use super::ingress::to_api;

const TLS_SECRET: &str = "api-tls-secret";

/// The ingress. Without a host it answers for every host, and without a Secret Traefik serves its own certificate.
pub(super) fn ingress(values: &K3sIngress, port: Port) -> Ingress {
    let mut ingress = to_api(values.host.as_ref(), port);
    if values.tls == TlsSecret::Used {
        ingress.spec.get_or_insert_default().tls = Some(vec![IngressTLS {
            hosts: values.host.as_ref().map(|host| vec![host.to_string()]),
            secret_name: Some(TLS_SECRET.to_owned()),
        }]);
    }
    ingress
}
