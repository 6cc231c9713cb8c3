//! k3s, on machines or in k3d: the ingress that Traefik serves, or another controller that the values name.

use cht_model::{Issuer, K3sIngress, Port, TlsSecret};
use k8s_openapi::api::networking::v1::{Ingress, IngressTLS};

use super::ingress::{annotate, to_api};
use super::limits::{LARGEST_BODY_MIB, LONGEST_WAIT_SECONDS};

/// The ingress. Without a host it answers for every host, and without a Secret Traefik serves its own certificate.
pub(super) fn ingress(values: &K3sIngress, port: Port) -> Ingress {
    let mut ingress = to_api(values.host.as_ref(), port);
    let spec = ingress.spec.get_or_insert_default();
    spec.ingress_class_name = values.class_name.as_ref().map(ToString::to_string);
    if values.tls == TlsSecret::Used {
        spec.tls = Some(vec![IngressTLS {
            hosts: values.host.as_ref().map(|host| vec![host.to_string()]),
            secret_name: Some(values.tls_secret.to_string()),
        }]);
    }
    if let Some(issuer) = &values.issuer {
        let (annotation, name) = match issuer {
            Issuer::Cluster(name) => ("cert-manager.io/cluster-issuer", name),
            Issuer::Namespaced(name) => ("cert-manager.io/issuer", name),
        };
        annotate(&mut ingress.metadata, [(annotation, name)]);
    }
    ingress
}

/// Tells ingress-nginx what requests may be like. Traefik reads none of these, and has no such limits of its own.
pub(super) fn limit(ingress: &mut Ingress) {
    annotate(
        &mut ingress.metadata,
        [
            ("nginx.ingress.kubernetes.io/proxy-body-size", format!("{LARGEST_BODY_MIB}m")),
            ("nginx.ingress.kubernetes.io/proxy-read-timeout", LONGEST_WAIT_SECONDS.to_string()),
            ("nginx.ingress.kubernetes.io/proxy-send-timeout", LONGEST_WAIT_SECONDS.to_string()),
        ],
    );
}
