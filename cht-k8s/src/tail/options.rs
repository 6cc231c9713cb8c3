//! Which lines are wanted, and why they cannot be had.

use std::time::Duration;

use crate::{ClusterError, ComponentName, NoSuchComponent};

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TailOptions {
    /// Those of these components; without any, of all.
    pub components: Vec<ComponentName>,
    /// Those of containers of this name, with or without its `cht-`.
    pub container: Option<String>,
    /// Only those of each container's run before the current one, instead of both.
    pub previous: bool,
    /// Also those that are yet to come: such a stream has no end.
    pub follow: bool,
    /// Those that are not older.
    pub since: Option<Duration>,
    /// At most this many of each run that are there already, from the end.
    pub tail: Option<u32>,
}

/// Why there are no lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TailError {
    /// The cluster does not answer, or refuses.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A component is not there.
    #[error(transparent)]
    NoSuchComponent(#[from] NoSuchComponent),
    /// Nothing of CHT is there.
    #[error("nothing of CHT runs in namespace {namespace}")]
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
