//! The cluster of a laptop: finds, makes, starts, stops and removes it.
//!
//! It knows nothing of what runs in a cluster, nor of the API of Kubernetes. Clusters are made by a [`Maker`]: [`K3d`]
//! drives the command `k3d`, through a [`CommandRunner`], so that tests can play what that command does. [`up`](fn@up),
//! [`stop`] and [`remove`] decide what a maker shall do. [`K3s`] finds a k3s that runs on the machine itself.

mod command;
mod down;
mod engine;
mod error;
mod k3d;
mod k3s;
mod lock;
mod maker;
mod name;
mod plain;
mod ports;
mod up;

pub use command::{CommandRunner, NotRun, Ran, System};
pub use down::{Target, find_ours, remove, stop};
pub use error::LocalError;
pub use k3d::K3d;
pub use k3s::{K3s, K3sError};
pub use lock::{ClusterLock, LockError};
pub use maker::{LocalCluster, Maker, Owner, State};
pub use name::{ClusterName, InvalidClusterName};
pub use ports::{NoPortFree, Ports, is_free};
pub use up::{Step, Up, Wish, up};
