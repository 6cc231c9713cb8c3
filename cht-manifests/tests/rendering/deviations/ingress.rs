//! What listens where, and the way in.

use super::{Deviation, absent, is};

const API_PORT: &[&str] = &["api.port=6000"];

pub(super) const INGRESS: &[Deviation] = &[
    Deviation {
        subject: "Service `api`, ingress, Sentinel's `API_PORT`",
        lines: "all",
        charts: "5988",
        here: "`api.port`",
        why: "The chart changes the container's port alone.",
        shows: &[
            is("Service/api:.spec.ports[0].port", "6000").with(API_PORT),
            is("Ingress/api-ingress:*.backend.service.port.number", "6000").with(API_PORT),
            is("Deployment/cht-sentinel:*.env[API_PORT].value", "6000").with(API_PORT),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Service `haproxy`",
        lines: "all",
        charts: "5984",
        here: "`haproxy.port`",
        why: "The same. The port's name stays `5984`.",
        shows: &[is("Service/haproxy:.spec.ports[5984].port", "6001").with(&["haproxy.port=6001"])],
        reference: &[],
    },
    Deviation {
        subject: "Service `api`, `spec.type`",
        lines: "4.x",
        charts: "none (`ClusterIP`)",
        here: "`api.service.type`, `ClusterIP` when left out",
        why: "The same on both lines.",
        shows: &[is("Service/api:.spec.type", "ClusterIP").in_cases("V4 *")],
        reference: &[],
    },
    Deviation {
        subject: "All ports of Services and containers, `protocol`",
        lines: "all",
        charts: "mostly none",
        here: "`TCP`",
        why: "Servers before 1.21 cannot tell ports apart in server-side apply without it.",
        shows: &[
            is("Service/*:.spec.ports[*].protocol", "TCP"),
            is("Deployment/*:.spec.template.spec.containers[*].ports[*].protocol", "TCP"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Ingress, `spec.rules[0].host`",
        lines: "5.x, k3s",
        charts: "none",
        here: "`ingress.host`, unless it is `localhost`",
        why: "Without a host, two instances on a cluster claim each other's requests.",
        shows: &[
            is("Ingress/api-ingress:.spec.rules[0].host", "cht.example.org").in_cases("V5* K3s *"),
            absent("Ingress/api-ingress:.spec.rules[0].host").in_cases("V5* K3s *").with(&["ingress.host=localhost"]),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Ingress, `spec.tls`",
        lines: "5.x, k3s",
        charts: "none",
        here: "Secret `api-tls-secret`, where the values name a certificate's source or the namespace holds the Secret",
        why: "CHT's cookies are for HTTPS only: over plain HTTP nobody can sign in.",
        shows: &[is("Ingress/api-ingress:.spec.tls[0].secretName", "api-tls-secret")
            .in_cases("V5* K3s *")
            .with(&["cert_source=my-ip-co"])],
        reference: &[],
    },
];
