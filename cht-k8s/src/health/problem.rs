//! What can be wrong with an instance or take long, each with a stable code and what to do about it.

use std::fmt;

use cht_manifests::ObjectKey;

use crate::redact::Redactor;

/// What is wrong, or takes long, with an identity that documents and scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemCode {
    /// The image cannot be pulled: it is not there, or the registry does not give it.
    ImagePull,
    /// The image's name is none.
    ImageName,
    /// A container's configuration refers to something that is not there.
    ContainerConfig,
    /// A container ends again and again.
    CrashLoop,
    /// No node takes the pod.
    Unschedulable,
    /// The claim finds no volume.
    ClaimPending,
    /// The claim's volume is gone.
    ClaimLost,
    /// The volume is attached to another node.
    VolumeAttached,
    /// A Job failed.
    JobFailed,
    /// Pods cannot be made: a quota or an admission rule forbids them.
    PodsForbidden,
    /// The rollout made no progress within its deadline.
    RolloutStuck,
    /// CouchDB's nodes have not joined although they had the time.
    NotJoined,
    /// CouchDB does not accept the credentials that the instance has.
    CredentialsRefused,
    /// HAProxy finds no CouchDB.
    NoBackend,
    /// The API does not listen although it runs.
    ApiNotListening,
    /// The API migrates and indexes.
    Indexing,
}

impl ProblemCode {
    /// The code as text, e.g. `image-pull`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImagePull => "image-pull",
            Self::ImageName => "image-name",
            Self::ContainerConfig => "container-config",
            Self::CrashLoop => "crash-loop",
            Self::Unschedulable => "unschedulable",
            Self::ClaimPending => "claim-pending",
            Self::ClaimLost => "claim-lost",
            Self::VolumeAttached => "volume-attached",
            Self::JobFailed => "job-failed",
            Self::PodsForbidden => "pods-forbidden",
            Self::RolloutStuck => "rollout-stuck",
            Self::NotJoined => "not-joined",
            Self::CredentialsRefused => "credentials-refused",
            Self::NoBackend => "no-backend",
            Self::ApiNotListening => "api-not-listening",
            Self::Indexing => "indexing",
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::ImagePull => {
                "check cht_image_tag and upstream_servers.docker_registry in the values, and that the nodes can reach the registry"
            }
            Self::ImageName => "check cht_image_tag and upstream_servers.docker_registry in the values",
            Self::ContainerConfig => "deploy again: it restores the Secret and the ConfigMap that the container reads",
            Self::CrashLoop => "read the container's last lines: they say why it ended",
            Self::Unschedulable => {
                "compare nodes.node-N and toleration in the values with `kubectl get nodes --show-labels`, and the nodes' free memory with what the pod asks for"
            }
            Self::ClaimPending => {
                "compare the claim's class with `kubectl get storageclass`; for existing data, check that the volume is there and free"
            }
            Self::ClaimLost => {
                "the volume behind the claim was removed: bring it back from a backup before anything else"
            }
            Self::VolumeAttached => {
                "the volume is still attached to another node: wait until the old pod is gone, or detach it"
            }
            Self::JobFailed => "read the Job's last lines: the node may not let it write",
            Self::PodsForbidden => "ask whoever runs the cluster about the quota or admission rule that is named above",
            Self::RolloutStuck => "look at the pods' events: `kubectl describe pods`",
            Self::NotJoined => {
                "the first node lets the others join once, after it has started: `kubectl rollout restart deployment cht-couchdb-1` makes it try again"
            }
            Self::CredentialsRefused => {
                "CouchDB keeps the user and password that its volume was made with: put those into the values, and deploy again"
            }
            Self::NoBackend => "read the log of HAProxy: it names the CouchDB nodes that it does not reach, and why",
            Self::ApiNotListening => {
                "the API listens only when it has reached CouchDB and could log in: `cht logs api` says what it waits for"
            }
            Self::Indexing => {
                "with much data this takes hours; `cht logs api` shows how far it is, and the same command goes on waiting, longer with --timeout"
            }
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that keeps a component from getting ready, and that waiting does not mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// The object that shows it: a pod, a claim, a Job or a Deployment.
    pub object: ObjectKey,
    /// The container, where it is one that has the problem.
    pub container: Option<String>,
    /// The node that the pod is on.
    pub node: Option<String>,
    /// How the container ended last.
    pub exit_code: Option<i32>,
    /// What is wrong, in the words of who noticed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Problem {
    /// The problem without secrets in its message.
    pub(crate) fn redacted(&self, redactor: &Redactor) -> Self {
        Self { message: redactor.redact(&self.message), ..self.clone() }
    }
}
