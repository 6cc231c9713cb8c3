//! What can keep the player from playing.

use std::time::Duration;

use super::Seen;

/// Why the player cannot play, or a test's wait for it ended.
#[derive(Debug, thiserror::Error)]
pub enum PlayerError {
    /// The API server refused, or did not answer.
    #[error("the node player could not {action}")]
    Request {
        /// What it was about to do.
        action: String,
        /// The answer.
        source: Box<kube::Error>,
    },

    /// Pods would run for real on some nodes.
    #[error(
        "the cluster has nodes of its own, {}, that would run the tests' pods: cordon them, or use one without",
        .0.join(", ")
    )]
    RealNodes(Vec<String>),

    /// The cluster's controllers did not accept the nodes.
    #[error("node {node} did not become schedulable within {within:?}: is the controller manager running?")]
    NodeNotAccepted {
        /// The node's name.
        node: String,
        /// How long it had.
        within: Duration,
    },

    /// What a test waited for did not come.
    #[error("{what} did not come within {within:?}; so far: {seen:#?}")]
    NotSeen {
        /// What it was.
        what: String,
        /// How long it had.
        within: Duration,
        /// What came instead.
        seen: Box<Seen>,
    },

    /// The thread it plays on ended early.
    #[error("the node player's thread ended before it could play")]
    Ended,
}

impl PlayerError {
    /// Names what could not be done.
    pub(super) fn when(action: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Request { action: action.into(), source: Box::new(source) }
    }
}
