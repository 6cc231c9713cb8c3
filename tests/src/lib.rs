//! What the whole-program and cluster tests share: where the program is, a cluster to test on, a player for its nodes, and a
//! proxy that lets requests go wrong.

pub mod cluster;
pub mod conformance;
pub mod player;
pub mod program;
pub mod proxy;
