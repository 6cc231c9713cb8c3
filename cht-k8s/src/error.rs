//! What can go wrong between this project and a cluster.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use serde::{Deserialize, Serialize};

/// Why a cluster did not do what it was asked.
///
/// Texts come from the server; they name fields and objects, never the values of a Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ClusterError {
    /// No answer: a connection that could not be made or broke, or a time-out. What was asked may have happened.
    #[error("the API server could not be reached: {reason}")]
    Unreachable {
        /// What the connection said.
        reason: String,
    },
    /// The server is there and cannot answer now (429, 5xx). What was asked may have happened.
    #[error("the API server answered {status}: {message}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The server's message.
        message: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The server does not know who asks (401).
    #[error("the API server did not accept the credentials of this user: {message}")]
    Unauthorized {
        /// The server's message.
        message: String,
    },
    /// The server knows who asks, and refuses (403): permissions, a quota, or an admission rule.
    #[error("{object}: refused: {message}")]
    Forbidden {
        /// The object or kind that was asked for.
        object: String,
        /// The server's message.
        message: String,
    },
    /// The server does not serve this kind (404 for a whole kind).
    #[error("this cluster does not serve {kind} ({})", kind.api_version())]
    NotServed {
        /// The kind.
        kind: Kind,
    },
    /// A namespace that does not exist, or is being deleted, cannot take the object.
    #[error("{object}: {message}")]
    NamespaceUnavailable {
        /// The object.
        object: ObjectKey,
        /// The server's message.
        message: String,
    },
    /// Fields that others own would change (409 on server-side apply).
    #[error("{object}: {}", conflicts(.fields))]
    FieldConflict {
        /// The object.
        object: ObjectKey,
        /// Each field with its owner.
        fields: Vec<FieldConflict>,
    },
    /// The object is not the one that was meant any more (409 on a precondition).
    #[error("{object} has changed in the meantime: {message}")]
    Changed {
        /// The object.
        object: ObjectKey,
        /// The server's message.
        message: String,
    },
    /// The server does not accept the object as it is, for example because a field cannot change (422, 400).
    #[error("{object}: not accepted: {message}")]
    Invalid {
        /// The object.
        object: ObjectKey,
        /// The server's message.
        message: String,
    },
    /// Another ingress claims the same requests.
    #[error(
        "{object}: {} {by} in namespace {} already; {}, or remove the other",
        requests(.host), by.namespace.as_deref().unwrap_or_default(), other_host(.host)
    )]
    HostTaken {
        /// The ingress that is not written.
        object: ObjectKey,
        /// The host; empty for every host.
        host: String,
        /// The other ingress.
        by: Box<ObjectKey>,
    },
    /// The history that a watch asks for is gone (410): list again.
    #[error("the watched history has expired")]
    Expired,
    /// Another run may hold the lock of the instance by now: nothing is written any more.
    #[error("the lock of this run has ended: nothing was written any more")]
    LockLost,
    /// An answer that makes no sense.
    #[error("the API server's answer could not be understood: {reason}")]
    Malformed {
        /// What was wrong with it.
        reason: String,
    },
}

impl ClusterError {
    /// Whether asking again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unavailable { .. })
    }
}

/// One field that another manager owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// The owner, e.g. `kubectl-edit`.
    pub manager: String,
    /// The field, e.g. `.spec.replicas`.
    pub field: String,
}

fn conflicts(fields: &[FieldConflict]) -> String {
    let each: Vec<_> =
        fields.iter().map(|conflict| format!("{} is owned by {}", conflict.field, conflict.manager)).collect();
    each.join(", ")
}

fn requests(host: &str) -> String {
    if host.is_empty() {
        "requests to hosts without an ingress go to".to_owned()
    } else {
        format!("requests to {host} go to")
    }
}

fn other_host(host: &str) -> &'static str {
    if host.is_empty() {
        "give this instance a host (ingress.host)"
    } else {
        "give this instance another host (ingress.host)"
    }
}
