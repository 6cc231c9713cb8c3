//! What the whole-program and cluster tests share: where the program is, a cluster to test on, and a player for its
//! nodes.

pub mod cluster;
pub mod conformance;
pub mod player;
pub mod program;
