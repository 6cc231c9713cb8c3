//! EKS: the ingress that an Application Load Balancer serves.

use cht_model::{AlbIngress, CertificateArn, Port};
use k8s_openapi::api::networking::v1::Ingress;

use super::ingress::{annotate, annotated, to_api};
use super::limits::LONGEST_WAIT_SECONDS;
use crate::api::HEALTH_PATH;

/// The ingress. HTTP is sent on to HTTPS, since CHT's cookies are for HTTPS only.
pub(super) fn ingress(values: &AlbIngress, port: Port) -> Ingress {
    let mut ingress = annotated(
        to_api(Some(&values.host), port),
        [
            ("alb.ingress.kubernetes.io/scheme", Some("internet-facing")),
            ("alb.ingress.kubernetes.io/tags", values.tags.as_deref()),
            ("alb.ingress.kubernetes.io/group.name", Some(values.group_name.as_str())),
            ("alb.ingress.kubernetes.io/ssl-redirect", Some("443")),
            ("alb.ingress.kubernetes.io/target-type", Some("ip")),
            ("alb.ingress.kubernetes.io/healthcheck-port", Some("traffic-port")),
            ("alb.ingress.kubernetes.io/certificate-arn", values.certificate_arn.as_ref().map(CertificateArn::as_str)),
            ("alb.ingress.kubernetes.io/listen-ports", Some(r#"[{"HTTP": 80}, {"HTTPS": 443}]"#)),
        ],
    );
    ingress.spec.get_or_insert_default().ingress_class_name = Some("alb".to_owned());
    ingress
}

/// Tells the load balancer how long requests may take, and where the API says how it is: `/` only sends browsers on. It
/// takes bodies of any size.
pub(super) fn limit(ingress: &mut Ingress) {
    annotate(
        &mut ingress.metadata,
        [
            (
                "alb.ingress.kubernetes.io/load-balancer-attributes",
                format!("idle_timeout.timeout_seconds={LONGEST_WAIT_SECONDS}"),
            ),
            ("alb.ingress.kubernetes.io/healthcheck-path", HEALTH_PATH.to_owned()),
        ],
    );
}
