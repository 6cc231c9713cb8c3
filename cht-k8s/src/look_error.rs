//! Why something of a namespace cannot be shown.

use crate::{ClusterError, ComponentNotThere};

/// Why something of a namespace cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The cluster does not answer, or refuses.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A component is not there.
    #[error(transparent)]
    NoSuchComponent(#[from] ComponentNotThere),
    /// Nothing of CHT is there.
    #[error("nothing of CHT is in namespace {namespace}")]
    Nothing {
        /// The namespace.
        namespace: String,
    },
    /// No container is called so.
    #[error("there is no container {container}; there are {}", .there.join(", "))]
    NoSuchContainer {
        /// The name.
        container: String,
        /// The names that there are.
        there: Vec<String>,
    },
    /// The secrets that must not be shown cannot be read.
    #[error("the instance's credentials cannot be read, so nothing could keep them out of its logs")]
    SecretsUnread(#[source] ClusterError),
}
