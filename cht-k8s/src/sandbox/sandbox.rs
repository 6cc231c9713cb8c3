//! The sandbox itself, and what tests and the command do with it beside the requests of a cluster.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::controllers::kubelet;
use super::file::{self, StateFile};
use super::nodes::{self, SandboxNode};
use super::shared::Shared;
use super::world::World;
use super::{Fault, SandboxError, store};

/// A cluster in memory. See [the module](super) for what it does. A clone is the same cluster.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(super) shared: Arc<Shared>,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty cluster that is gone with the program.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// An empty cluster with other properties.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder { pods_ready_after: None, nodes: None, history: store::HISTORY }
    }

    /// The cluster that a file holds, or an empty one where there is no such file; every request that changes
    /// something writes the file again. Until it is dropped, no other program can open it; a file beside it, with `.lock`
    /// after its name, sees to that.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not a sandbox's, is that of a newer version, or is open already. Then the file
    /// stays as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SandboxError> {
        let file = StateFile::lock(path.as_ref())?;
        let world = match file.read()? {
            Some(text) => file::world(&text).map_err(|error| error.at(path.as_ref()))?,
            None => World::new(),
        };
        let shared = Shared::new(world, Some(file));
        shared.save()?;
        Ok(Self { shared })
    }

    /// Gives the cluster these machines and no others: pods that fit none of them stay pending.
    #[must_use]
    pub fn with_nodes(self, nodes: impl IntoIterator<Item = SandboxNode>) -> Self {
        self.shared.write(|world| nodes::use_only(world, &nodes.into_iter().collect::<Vec<_>>()));
        self
    }

    /// Lets something go wrong from now on.
    pub fn fail(&self, fault: Fault) {
        self.shared.write(|world| {
            kubelet::strike(world, &fault);
            world.faults.add(fault);
        });
    }

    /// Lets nothing go wrong any more. What failed is tried again when its time comes, as in any cluster.
    pub fn heal(&self) {
        self.shared.write(|world| world.faults.clear());
    }

    /// Forgets all changes so far: watches from before have [expired](crate::ClusterError::Expired).
    pub fn forget_history(&self) {
        self.shared.write(|world| {
            world.store.keep(0);
            world.store.keep(store::HISTORY);
        });
    }

    /// Writes the state file, if there is one. Happens by itself after every change and when the sandbox is dropped;
    /// for programs that end otherwise.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self) -> Result<(), SandboxError> {
        self.shared.save()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Nobody is left to tell; what the last request changed was written when it was made.
        let _ = self.shared.save();
    }
}

/// The properties of a [`Sandbox`] that is not there yet.
#[derive(Debug)]
pub struct SandboxBuilder {
    pods_ready_after: Option<Duration>,
    nodes: Option<Vec<SandboxNode>>,
    history: usize,
}

impl SandboxBuilder {
    /// How long after it runs every container with a readiness probe is ready, in the sandbox's own time.
    #[must_use]
    pub fn pods_ready_after(mut self, duration: Duration) -> Self {
        self.pods_ready_after = Some(duration);
        self
    }

    /// The machines; no others are made up.
    #[must_use]
    pub fn nodes(mut self, nodes: impl IntoIterator<Item = SandboxNode>) -> Self {
        self.nodes = Some(nodes.into_iter().collect());
        self
    }

    /// How many changes a watch can go back.
    #[must_use]
    pub fn history(mut self, changes: usize) -> Self {
        self.history = changes;
        self
    }

    /// An empty cluster with these properties.
    pub fn build(self) -> Sandbox {
        let mut world = World::new();
        world.durations.ready = self.pods_ready_after;
        world.store.keep(self.history);
        if let Some(nodes) = self.nodes {
            nodes::use_only(&mut world, &nodes);
        }
        Sandbox { shared: Shared::new(world, None) }
    }
}
