//! What production adds before the API, and between the pods.

use super::{Deviation, absent, is, there};

pub(super) const ABOUT: &str = "\
The nginx that CHT ships with takes bodies of up to 32 MB and waits an hour for an answer. Each load balancer is told so in its
own way, also with `profile: production` only. Traefik needs nothing: it has no limit for bodies, and none for how long an answer
takes. Its `buffering` middleware could set one for bodies, but with it whole requests and answers are held back until they are
complete, and CHT's clients wait for changes in answers that stay open; so none is made. Its entry points do limit how long
a request may take to arrive: see [OPERATING.md](OPERATING.md#the-way-in).";

pub(super) const WAY_IN: &[Deviation] = &[
    Deviation {
        subject: "Ingress, annotations `nginx.ingress.kubernetes.io/proxy-body-size`, `proxy-read-timeout`, `proxy-send-timeout`",
        lines: "k3s",
        charts: "none (1 MB, 60 s)",
        here: "32 MB, 3600 s",
        why: "For clusters with ingress-nginx. Traefik does not read them.",
        shows: &[
            is("Ingress/api-ingress:.metadata.annotations.nginx.ingress.kubernetes.io/proxy-body-size", "32m")
                .in_cases("* K3s *"),
            is("Ingress/api-ingress:.metadata.annotations.nginx.ingress.kubernetes.io/proxy-*-timeout", "3600")
                .in_cases("* K3s *"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Ingress, `spec.ingressClassName`",
        lines: "k3s",
        charts: "none (the cluster's default)",
        here: "`ingress.class_name`, where it is given",
        why: "A cluster may have several controllers.",
        shows: &[
            is("Ingress/api-ingress:.spec.ingressClassName", "nginx")
                .in_cases("* K3s *")
                .with(&["ingress.class_name=nginx"]),
            absent("Ingress/api-ingress:.spec.ingressClassName").in_cases("* K3s *"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Ingress, annotation `alb.ingress.kubernetes.io/load-balancer-attributes`",
        lines: "EKS",
        charts: "none (60 s)",
        here: "`idle_timeout.timeout_seconds=3600`",
        why: "Load balancers take bodies of any size. Instances that share one have one value: see \
            [OPERATING.md](OPERATING.md#the-way-in).",
        shows: &[is(
            "Ingress/api-ingress:.metadata.annotations.alb.ingress.kubernetes.io/load-balancer-attributes",
            "idle_timeout.timeout_seconds=3600",
        )
        .in_cases("* Eks *")],
        reference: &[],
    },
    Deviation {
        subject: "Ingress, annotation `alb.ingress.kubernetes.io/healthcheck-path`",
        lines: "EKS",
        charts: "none (`/`)",
        here: "`/setup/poll`",
        why: "`/` sends browsers on, which is no 200.",
        shows: &[is(
            "Ingress/api-ingress:.metadata.annotations.alb.ingress.kubernetes.io/healthcheck-path",
            "/setup/poll",
        )
        .in_cases("* Eks *")],
        reference: &[],
    },
    Deviation {
        subject: "BackendConfig `api-backend-config`, which Service `api` refers to",
        lines: "GKE, with an ingress",
        charts: "none (30 s, `/`)",
        here: "`timeoutSec` 3600; health is asked of `/setup/poll`",
        why: "The same. Where the server does not serve its kind, it is left out.",
        shows: &[
            is("BackendConfig/api-backend-config:.spec.timeoutSec", "3600").in_cases("* Gke *"),
            is("BackendConfig/api-backend-config:.spec.healthCheck.requestPath", "/setup/poll").in_cases("* Gke *"),
            is("Service/api:.metadata.annotations.cloud.google.com/backend-config", "*api-backend-config*")
                .in_cases("* Gke *"),
            absent("BackendConfig/*").with(&["ingress.gcp.enabled=false"]),
        ],
        reference: &[("*/gke-*", "BackendConfig/*:extra")],
    },
    Deviation {
        subject: "FrontendConfig `api-frontend-config`, which the ingress refers to",
        lines: "GKE, with an ingress and `ingress.gcp.managedCertificateName`",
        charts: "none",
        here: "HTTP is sent on to HTTPS",
        why: "CHT's cookies are for HTTPS only. Without a certificate nothing answers there.",
        shows: &[
            is("FrontendConfig/api-frontend-config:.spec.redirectToHttps.enabled", "true").in_cases("* Gke *"),
            is(
                "Ingress/api-ingress:.metadata.annotations.networking.gke.io/v1beta1.FrontendConfig",
                "api-frontend-config",
            )
            .in_cases("* Gke *"),
            absent("FrontendConfig/*").with(&["ingress.gcp.managedCertificateName=''"]),
        ],
        reference: &[("*/gke-*", "FrontendConfig/*:extra")],
    },
    Deviation {
        subject: "A NetworkPolicy for each component",
        lines: "k3s; elsewhere with `network_policy.enabled: true`",
        charts: "none",
        here: "each pod is reached by those that it works for: see [OPERATING.md](OPERATING.md#who-may-reach-the-pods)",
        why: "Patients' records are behind one password otherwise. k3s enforces policies by itself.",
        shows: &[
            there("NetworkPolicy/couchdb").in_cases("* K3s *"),
            there("NetworkPolicy/upgrade-service").in_cases("V4 K3s *"),
            absent("NetworkPolicy/*").in_cases("* Eks *"),
            there("NetworkPolicy/couchdb").in_cases("* Gke *").with(&["network_policy.enabled=true"]),
            absent("NetworkPolicy/*").with(&["network_policy.enabled=false"]),
        ],
        reference: &[("*/k3s-*", "NetworkPolicy/*:extra")],
    },
];
