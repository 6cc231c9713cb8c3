//! Volumes, claims and what makes their folders.

use super::{Deviation, absent, is};

/// As the chart's own example has it.
const QUOTED_FALSE: &[&str] = &["couchdb_data.preExistingDataAvailable='false'"];
const VSPHERE: &[&str] =
    &["k3s_use_vSphere_storage_class=true", "vSphere.datastoreName=store", "vSphere.diskPath=disks"];

pub(super) const STORAGE: &[Deviation] = &[
    Deviation {
        subject: "PersistentVolume, `spec.storageClassName`",
        lines: "5.x, k3s, existing data",
        charts: "`local-path`",
        here: "none, which Kubernetes reads as `\"\"`",
        why: "The claim asks for class `\"\"`; a volume of another class never binds to it.",
        shows: &[
            absent("PersistentVolume/*:.spec.storageClassName").in_cases("V5* K3s * Existing"),
            is("PersistentVolumeClaim/*:.spec.storageClassName", "").in_cases("V5* K3s * Existing"),
        ],
        reference: &[("5.*/k3s-*", "PersistentVolume/*:.spec.storageClassName")],
    },
    Deviation {
        subject: "PersistentVolume, `spec.nodeAffinity`",
        lines: "5.x, k3s, existing data, `nodes.node-N` given",
        charts: "none",
        here: "`kubernetes.io/hostname` in `[node]`",
        why: "On another node the folder is made empty, and CouchDB starts without its data.",
        shows: &[is(
            "PersistentVolume/*:.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]",
            "alpha",
        )
        .in_cases("V5* K3s * Existing")],
        reference: &[],
    },
    Deviation {
        subject: "PersistentVolume, source, `spec.storageClassName` and `spec.nodeAffinity`",
        lines: "5.x, k3s, cluster, existing data and `couchdb.storage_class: local-storage` or \
            `k3s_use_vSphere_storage_class: true`",
        charts: "`hostPath`, `local-path`, none",
        here: "as on 4.x: `local` or `vsphereVolume` on its node",
        why: "An instance that 4.x made has these volumes, and no volume can change its source or class.",
        shows: &[
            is("PersistentVolume/*:.spec.local.path", "/srv/couchdb*")
                .in_cases("V5* K3s Three Existing")
                .with(&["couchdb.storage_class=local-storage"]),
            is("PersistentVolume/*:.spec.vsphereVolume.volumePath", "*")
                .in_cases("V5* K3s Three Existing")
                .with(VSPHERE),
        ],
        reference: &[],
    },
    Deviation {
        subject: "CouchDB pod, `hostPath.type`",
        lines: "4.x, k3s, single node, no existing data",
        charts: "none",
        here: "`DirectoryOrCreate`",
        why: "The kubelet mounts no path below a folder that is missing. With existing data it stays unset: a missing \
            folder must not be hidden by an empty one.",
        shows: &[is(
            "Deployment/cht-couchdb:.spec.template.spec.volumes[local-volume].hostPath.type",
            "DirectoryOrCreate",
        )
        .in_cases("V4 K3s One New")],
        reference: &[],
    },
    Deviation {
        subject: "PersistentVolumeClaim `couchdb-claim0`, `spec.storageClassName`",
        lines: "5.x, k3s, `\"false\"` in quotes",
        charts: "`\"\"`",
        here: "`local-path`",
        why: "As with `false` without quotes.",
        shows: &[is("PersistentVolumeClaim/couchdb-claim0:.spec.storageClassName", "local-path")
            .in_cases("V5* K3s One New")
            .with(QUOTED_FALSE)],
        reference: &[("5.3/k3s-single-no-api-section", "PersistentVolumeClaim/couchdb-claim0:.spec.storageClassName")],
    },
    Deviation {
        subject: "PersistentVolumeClaim `couchdb-claim0`, `spec.volumeName`",
        lines: "5.x, k3s, `\"false\"` in quotes",
        charts: "`couchdb-pv-<ns>`",
        here: "none",
        why: "Nobody makes that volume.",
        shows: &[absent("PersistentVolumeClaim/couchdb-claim0:.spec.volumeName")
            .in_cases("V5* K3s One New")
            .with(QUOTED_FALSE)],
        reference: &[("5.3/k3s-single-no-api-section", "PersistentVolumeClaim/couchdb-claim0:.spec.volumeName")],
    },
    Deviation {
        subject: "Job, `spec.backoffLimit`",
        lines: "4.x, k3s, cluster",
        charts: "none (6)",
        here: "2",
        why: "A folder that cannot be made is reported soon.",
        shows: &[is("Job/create-directory-*:.spec.backoffLimit", "2").in_cases("V4 K3s Three New")],
        reference: &[],
    },
];
