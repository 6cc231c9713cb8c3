//! Whole objects that the charts have and an instance has not, and the other way round.

use super::{Deviation, absent, there};

/// As the chart's own example has it.
const QUOTED_FALSE: &[&str] = &["couchdb_data.preExistingDataAvailable='false'"];

pub(super) const OBJECTS: &[Deviation] = &[
    Deviation {
        subject: "Namespace `<ns>`",
        lines: "all",
        charts: "none",
        here: "made first",
        why: "Everything else lives in it. One that is there already is left as it is.",
        shows: &[there("Namespace/*")],
        reference: &[("*", "Namespace/*:extra")],
    },
    Deviation {
        subject: "Service `ingress-nginx-controller-admission`",
        lines: "5.x, `environment: local`",
        charts: "made",
        here: "none",
        why: "It selects nothing, and nothing uses it.",
        shows: &[absent("Service/ingress-nginx-controller-admission").with(&["environment=local"])],
        reference: &[("5.*", "Service/ingress-nginx-controller-admission:missing")],
    },
    Deviation {
        subject: "PersistentVolume `couchdb-pv-<ns>`",
        lines: "4.x, EKS, cluster with existing data",
        charts: "made, over the first node's disk",
        here: "none",
        why: "The disk belongs to `couchdb-pv-<ns>-1`; a second volume over it lets two pods write to it.",
        shows: &[absent("PersistentVolume/couchdb-pv-county-a-prod").in_cases("V4 Eks Three Existing")],
        reference: &[("4.x/eks-cluster*", "PersistentVolume/couchdb-pv-mrjones-dev:missing")],
    },
    Deviation {
        subject: "Job `create-directory-<ns>-N`",
        lines: "5.x, k3s, cluster without existing data, not local",
        charts: "made",
        here: "none",
        why: "Claims are provisioned there; the folder that the Job makes is never used.",
        shows: &[absent("Job/create-directory-*").in_cases("V5* K3s Three New")],
        reference: &[],
    },
    Deviation {
        subject: "PersistentVolume and claim of a single node",
        lines: "5.x, `preExistingDataAvailable: \"false\"` in quotes",
        charts: "no volume, but a claim for one",
        here: "a provisioned claim",
        why: "The chart takes the text `\"false\"` for true when it makes the claim, which then waits for ever. See \
            below.",
        shows: &[
            absent("PersistentVolume/*").in_cases("V5* K3s One New").with(QUOTED_FALSE),
            there("PersistentVolumeClaim/couchdb-claim0").in_cases("V5* K3s One New").with(QUOTED_FALSE),
        ],
        reference: &[],
    },
];
