//! What production adds to the charts' objects.

use super::{Deviation, absent, is, there};

pub(super) const PRODUCTION: &[Deviation] = &[
    Deviation {
        subject: "API and HAProxy, `terminationGracePeriodSeconds`",
        lines: "all",
        charts: "5.x: 0; 4.x: none (30)",
        here: "30",
        why: "Requests in flight can end.",
        shows: &[
            is("Deployment/cht-api:.spec.template.spec.terminationGracePeriodSeconds", "30"),
            is("Deployment/cht-haproxy:.spec.template.spec.terminationGracePeriodSeconds", "30"),
        ],
        reference: &[
            ("5.*", "Deployment/cht-api:.spec.template.spec.terminationGracePeriodSeconds"),
            ("5.*", "Deployment/cht-haproxy:.spec.template.spec.terminationGracePeriodSeconds"),
        ],
    },
    Deviation {
        subject: "All pods, `enableServiceLinks`",
        lines: "all",
        charts: "none (true)",
        here: "false",
        why: "The Services `api`, `haproxy` and `upgrade-service` would set variables such as `API_PORT=tcp://…`.",
        shows: &[is("*:.spec.template.spec.enableServiceLinks", "false")],
        reference: &[],
    },
    Deviation {
        subject: "Pods that read the Secret, annotation `checksum/cht-couchdb-credentials`",
        lines: "all",
        charts: "none",
        here: "HMAC-SHA256, keyed with `COUCHDB_SECRET`, of the Secret's data, where all of it is known",
        why: "A changed Secret restarts the pods that read it. Without the key it gives nothing to try passwords \
            against.",
        shows: &[there("Deployment/*:.spec.template.metadata.annotations.checksum/cht-couchdb-credentials")],
        reference: &[],
    },
    Deviation {
        subject: "Pods that read the ConfigMap, annotation `checksum/couchdb-servers-configmap`",
        lines: "all",
        charts: "none",
        here: "SHA-256 of its data",
        why: "A changed number of nodes restarts the pods that know it.",
        shows: &[there("Deployment/*:.spec.template.metadata.annotations.checksum/couchdb-servers-configmap")],
        reference: &[],
    },
    Deviation {
        subject: "CouchDB, probes",
        lines: "all",
        charts: "none",
        here: "ready: `/_up` as its administrator; starts (for up to an hour) and lives: its port is open",
        why: "Membership is no part of it: nodes join through the Service of the first. A start first hands every \
            file to CouchDB's user.",
        shows: &[
            is(
                "Deployment/cht-couchdb*:.spec.template.spec.containers[cht-couchdb*].readinessProbe.exec.command[2]",
                "*/_up",
            ),
            there("Deployment/*:.spec.template.spec.containers[cht-couchdb*].*Probe.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Nouveau and HAProxy, probes",
        lines: "all",
        charts: "none",
        here: "their port is open",
        why: "Nouveau refuses HTTP requests of kubelets, and HAProxy passes them on.",
        shows: &[
            there("Deployment/*:.spec.template.spec.containers[cht-couchdb-nouveau].*Probe.tcpSocket.port"),
            there("Deployment/*:.spec.template.spec.containers[cht-haproxy].*Probe.tcpSocket.port"),
            there("Deployment/*:.spec.template.spec.containers[cht-couchdb-nouveau].*Probe.*"),
            there("Deployment/*:.spec.template.spec.containers[cht-haproxy].*Probe.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Health check, probes",
        lines: "all",
        charts: "none",
        here: "its agent says anything, `up` or `down`",
        why: "A connection that does not wait for the answer, as a TCP probe's, may leave the agent stuck.",
        shows: &[
            is(
                "Deployment/*:.spec.template.spec.containers[cht-haproxy-healthcheck].readinessProbe.exec.command[2]",
                "*nc*",
            ),
            there("Deployment/*:.spec.template.spec.containers[cht-haproxy-healthcheck].*Probe.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "API, probes",
        lines: "all",
        charts: "none",
        here: "ready: `/setup/poll` answers programs 200; lives: it answers anyone; starts: its port is open, for up \
            to a week",
        why: "It does not listen while CouchDB is away, and answers programs 503 while it indexes, for up to a day. A \
            restart would only begin that anew.",
        shows: &[
            is("Deployment/cht-api:.spec.template.spec.containers[cht-api].readinessProbe.httpGet.path", "/setup/poll"),
            there("Deployment/*:.spec.template.spec.containers[cht-api].*Probe.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Sentinel, probe",
        lines: "all",
        charts: "none",
        here: "ready: Node.js runs",
        why: "Its image waits for the API before. Nothing talks to Sentinel, and it ends when it cannot go on.",
        shows: &[
            is(
                "Deployment/cht-sentinel:.spec.template.spec.containers[cht-sentinel].readinessProbe.exec.command[0]",
                "pidof",
            ),
            there("Deployment/*:.spec.template.spec.containers[cht-sentinel].*Probe.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Upgrade service, probes",
        lines: "all",
        charts: "none",
        here: "`GET /`",
        why: "",
        shows: &[
            is(
                "Deployment/upgrade-service:.spec.template.spec.containers[upgrade-service].readinessProbe.httpGet.path",
                "/",
            ),
            there("Deployment/*:.spec.template.spec.containers[upgrade-service].*Probe.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "CouchDB and API, `progressDeadlineSeconds`",
        lines: "all",
        charts: "none (10 min)",
        here: "2 h and a week",
        why: "What starts slowly has not failed.",
        shows: &[
            is("Deployment/cht-couchdb*:.spec.progressDeadlineSeconds", "7200"),
            is("Deployment/cht-api:.spec.progressDeadlineSeconds", "604800"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Services of CouchDB, Nouveau and the API, `publishNotReadyAddresses`",
        lines: "all",
        charts: "none",
        here: "true",
        why: "CouchDB's nodes set each other up before they are ready, and the API shows people how far its indexing \
            is.",
        shows: &[
            is("Service/couchdb*:.spec.publishNotReadyAddresses", "true"),
            is("Service/nouveau*:.spec.publishNotReadyAddresses", "true"),
            is("Service/api:.spec.publishNotReadyAddresses", "true"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "All pods, `automountServiceAccountToken`",
        lines: "all",
        charts: "none (true)",
        here: "false, but for the upgrade service",
        why: "Nothing else talks to the API server.",
        shows: &[
            is("*:.spec.template.spec.automountServiceAccountToken", "false"),
            absent("Deployment/upgrade-service:.spec.template.spec.automountServiceAccountToken"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "All pods, `securityContext.seccompProfile`",
        lines: "all",
        charts: "none",
        here: "`RuntimeDefault`",
        why: "",
        shows: &[is("*:.spec.template.spec.securityContext.seccompProfile.type", "RuntimeDefault")],
        reference: &[],
    },
    Deviation {
        subject: "All containers, `securityContext`",
        lines: "all",
        charts: "none",
        here: "no privilege escalation; without `MKNOD`, `NET_RAW`, `SETFCAP`, `SETPCAP` and `SYS_CHROOT`",
        why: "None of the images needs these, though most start as root.",
        shows: &[
            is("*:.spec.template.spec.containers[*].securityContext.allowPrivilegeEscalation", "false"),
            there("*:.spec.template.spec.containers[*].securityContext.capabilities.drop[*]"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "API (5.x) and health check, `securityContext`",
        lines: "all",
        charts: "none",
        here: "without any capability; the API as user 1000, never as root",
        why: "Their images do not run as root.",
        shows: &[
            is("Deployment/cht-api:.spec.template.spec.containers[cht-api].securityContext.runAsUser", "1000")
                .in_cases("V5*"),
            is("Deployment/cht-api:.spec.template.spec.containers[cht-api].securityContext.runAsNonRoot", "true")
                .in_cases("V5*"),
            is("Deployment/cht-haproxy-healthcheck:*.capabilities.drop[0]", "ALL"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "PodDisruptionBudget `couchdb`",
        lines: "clusters",
        charts: "none",
        here: "one CouchDB node at most is down, where the server has `policy/v1` (1.21)",
        why: "Emptying machines takes one node after the other. A single pod has no budget: it would keep its machine from \
            ever being emptied.",
        shows: &[
            is("PodDisruptionBudget/couchdb:.spec.maxUnavailable", "1").in_cases("* Three *"),
            absent("PodDisruptionBudget/*").in_cases("* One *"),
        ],
        reference: &[("*", "PodDisruptionBudget/couchdb:extra")],
    },
    Deviation {
        subject: "All containers, `resources`",
        lines: "all",
        charts: "none",
        here: "requests of CPU and memory, limits of memory, none of CPU, by the instance's size: [SIZING.md](SIZING.md)",
        why: "A program that has gone wrong does not take the machine with it, and machines are not filled with more than \
            they hold. A database that is held back while it indexes only takes longer.",
        shows: &[
            is("Deployment/cht-couchdb*:.spec.template.spec.containers[cht-couchdb*].resources.limits.memory", "8Gi"),
            there("*:.spec.template.spec.containers[*].resources.requests.cpu"),
            there("*:.spec.template.spec.containers[*].resources.requests.memory"),
            there("*:.spec.template.spec.containers[*].resources.limits.memory"),
            absent("*:.spec.template.spec.containers[*].resources.limits.cpu"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "All pods of Deployments, `affinity.nodeAffinity`",
        lines: "all",
        charts: "none",
        here: "`kubernetes.io/arch` in `[amd64, arm64]`; in `[amd64]` for images of CHT before 4.6",
        why: "On other machines the images do not start.",
        shows: &[
            there("Deployment/*:.spec.template.spec.affinity.nodeAffinity.*"),
            is("Deployment/*:*.matchExpressions[0].values[0]", "amd64").with(&["cht_image_tag=4.5.2"]),
            absent("Deployment/*:*.nodeAffinity.*.matchExpressions[0].values[1]").with(&["cht_image_tag=4.5.2"]),
        ],
        reference: &[],
    },
    Deviation {
        subject: "All pods, `priorityClassName` and `imagePullSecrets`",
        lines: "all",
        charts: "none",
        here: "`priority_class` and `image_pull_secret`, where the values name them",
        why: "Machines may be full, and registries closed.",
        shows: &[
            is("*:.spec.template.spec.priorityClassName", "high").with(&["priority_class=high"]),
            is("*:.spec.template.spec.imagePullSecrets[registry]*", "registry").with(&["image_pull_secret=registry"]),
        ],
        reference: &[],
    },
    Deviation {
        subject: "CouchDB, `affinity`: two pods of one node",
        lines: "all",
        charts: "none",
        here: "never on one Kubernetes node",
        why: "A pod that is deleted by hand is replaced at once. The new one waits until the old one has closed its files.",
        shows: &[there(
            "Deployment/cht-couchdb*:*.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution*",
        )],
        reference: &[],
    },
    Deviation {
        subject: "CouchDB, `nodeSelector` of a single node",
        lines: "4.x, k3s, `nodes.node-1` given",
        charts: "none",
        here: "`kubernetes.io/hostname: node`",
        why: "Its data is a folder of that Kubernetes node. On another one the folder is made empty, and CouchDB starts without its data.",
        shows: &[is("Deployment/cht-couchdb:.spec.template.spec.nodeSelector*", "alpha")
            .in_cases("V4 K3s One *")
            .with(&["nodes.node-1=alpha"])],
        reference: &[],
    },
    Deviation {
        subject: "CouchDB nodes of a cluster, `affinity`: different nodes",
        lines: "all",
        charts: "none",
        here: "rather not on one Kubernetes node",
        why: "Each document is on one of them only.",
        shows: &[there("Deployment/cht-couchdb-*:.spec.template.spec.affinity.podAntiAffinity.preferred*")
            .in_cases("* Three *")],
        reference: &[],
    },
    Deviation {
        subject: "Job, image and `imagePullPolicy`",
        lines: "4.x, k3s, cluster",
        charts: "`busybox`",
        here: "that of CouchDB, pulled as it is",
        why: "It has a version, comes from the same registry, and the node needs it anyway.",
        shows: &[is("Job/*:.spec.template.spec.containers[create-directory].image", "*/cht-couchdb:*")],
        reference: &[
            ("4.x/k3s-*", "Job/create-directory-*:.spec.template.spec.containers[create-directory].image"),
            (
                "4.x/k3s-*-not-cached",
                "Job/create-directory-*:.spec.template.spec.containers[create-directory].imagePullPolicy",
            ),
        ],
    },
];
