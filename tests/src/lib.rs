//! What the whole-program and cluster tests share: where the program is, a cluster to test on, a player for its nodes, for a
//! real node stand-ins for CHT's images, a proxy that lets requests go wrong, and secrets that must not be seen.

pub mod canary;
pub mod certificates;
pub mod cluster;
pub mod conformance;
pub mod event_lines;
pub mod http;
#[cfg(unix)]
pub mod laptop;
pub mod node_host;
pub mod player;
pub mod program;
pub mod proxy;
pub mod stand_in;
