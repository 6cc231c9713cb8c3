//! A real cluster, reached through its API server.

mod about;
mod answer;
mod connect;
mod log;
mod path;
mod proxy;
mod review;
mod server;

pub use connect::{ConnectError, ConnectOptions};
pub use server::KubeCluster;
