//! What pods have in either profile.

use super::{Deviation, is};

pub(super) const PODS: &[Deviation] = &[
    Deviation {
        subject: "CouchDB, `terminationGracePeriodSeconds`",
        lines: "all",
        charts: "5.x: 0; 4.x: none (30)",
        here: "60",
        why: "A database is given time to write what it holds.",
        shows: &[is("Deployment/cht-couchdb*:.spec.template.spec.terminationGracePeriodSeconds", "60")],
        reference: &[("*", "Deployment/cht-couchdb*:.spec.template.spec.terminationGracePeriodSeconds")],
    },
    Deviation {
        subject: "Variables from the values (`BUILDS_URL`, `NODE_ENV`, `LOG_LEVEL`)",
        lines: "all",
        charts: "as they are",
        here: "each `$` doubled",
        why: "Kubernetes replaces `$(NAME)` in variables; the container gets the text that was written.",
        shows: &[is("Deployment/cht-api:.spec.template.spec.containers[cht-api].env[LOG_LEVEL].value", "$$(A)")
            .in_cases("V53 *")
            .with(&["api.log_level=$(A)"])],
        reference: &[],
    },
];
