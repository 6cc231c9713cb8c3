//! Plays the nodes of a cluster that has none: pods get ready or fail as a test's [`Script`] tells, claims get volumes.
//!
//! Everything else is real. The cluster's own scheduler binds the pods, its own controllers make and count them, and
//! every change is noticed by a watch and written to the API server as a kubelet would write it.
//!
//! # Nodes
//! All players of all tests share the nodes [`NODES`]. The scheduler spreads every test's pods over whatever nodes
//! there are, so a node per test would get other tests' pods, and take them along when it goes. Shared nodes are
//! interchangeable: each player plays the pods of its own namespace, whichever node they are on.
//!
//! Whoever comes first creates the nodes and whoever leaves last deletes them. Each player is written down as an
//! annotation of each node, with the time until which it counts, and renews that together with the node's heartbeat. A
//! player that leaves takes its annotation away, and deletes a node that then has none in force, provided that the node
//! has not changed since: a player that came in between has changed it. A test that was killed leaves an annotation
//! that runs out, and whoever leaves next deletes the nodes instead.
//!
//! A cluster with schedulable nodes of its own would run the pods for real there, so the player refuses it, unless it is
//! to play the storage only.
//!
//! # Volumes
//! Claims of the classes that the script names get a volume each, in the way of an external provisioner: a volume bound
//! to the claim beforehand, deleted when it is released and its class says so.
//!
//! # What is not played
//! Containers have no output, no network and no shell. A request for a pod's log fails at once: nothing listens for it.

mod claim;
mod error;
mod events;
mod handle;
mod life;
mod node;
mod perform;
mod pod;
mod script;
mod seen;
mod status;

pub use error::PlayerError;
pub use handle::Player;
pub use node::NODES;
pub use script::{Behaviour, Binding, Script};
pub use seen::{PodSeen, Seen};
