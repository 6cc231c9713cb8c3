//! What the player has seen so far, for tests to wait for.

use std::collections::BTreeMap;

/// What the player has seen and done in its namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The pods that are on its nodes, by name.
    pub pods: BTreeMap<String, PodSeen>,
    /// How many pods were deleted.
    pub deleted: usize,
    /// The volumes it made, by claim.
    pub volumes: BTreeMap<String, String>,
}

/// A pod as last written to the API server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodSeen {
    /// The node it is on.
    pub node: String,
    /// Its phase.
    pub phase: String,
    /// Whether all containers are ready.
    pub ready: bool,
    /// Restarts of all its containers together.
    pub restarts: i32,
}

impl Seen {
    /// How many pods are ready.
    pub fn ready(&self) -> usize {
        self.pods.values().filter(|pod| pod.ready).count()
    }

    /// How many pods are in this phase.
    pub fn in_phase(&self, phase: &str) -> usize {
        self.pods.values().filter(|pod| pod.phase == phase).count()
    }
}
