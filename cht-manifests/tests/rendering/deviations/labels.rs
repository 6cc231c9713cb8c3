//! What says whose an object is.

use super::{Deviation, is, there};

pub(super) const LABELS: &[Deviation] = &[
    Deviation {
        subject: "All objects, `metadata.namespace`",
        lines: "all",
        charts: "none",
        here: "`<ns>`",
        why: "The objects mean the same, whatever the current context's namespace is.",
        shows: &[there("*:.metadata.namespace")],
        reference: &[],
    },
    Deviation {
        subject: "All objects, `app.kubernetes.io/{name, instance, component, version, managed-by}`",
        lines: "all",
        charts: "none",
        here: "set",
        why: "They say whose an object is. The Namespace has no component and no version, pod templates have no \
            version, and no selector has any of them.",
        shows: &[
            is("*:.metadata.labels.app.kubernetes.io/managed-by", "cht"),
            is("*:.metadata.labels.app.kubernetes.io/instance", "county-a"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Services `healthcheck` and `upgrade-service`, `cht.service`",
        lines: "all",
        charts: "none",
        here: "the Service's name",
        why: "As on every other Service.",
        shows: &[
            is("Service/healthcheck:.metadata.labels.cht.service", "healthcheck"),
            is("Service/upgrade-service:.metadata.labels.cht.service", "upgrade-service"),
        ],
        reference: &[],
    },
];
