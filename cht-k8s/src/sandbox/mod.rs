//! A cluster in memory.
//!
//! [`Sandbox`] answers the requests of [`Cluster`](crate::Cluster) as an API server does where it matters: names,
//! required and immutable fields, defaults, field ownership, versions, finalizers, watches. Behind it play the
//! controllers, a scheduler and kubelets: Deployments roll out, claims are bound, Jobs run, namespaces are emptied.
//!
//! Its time is its own. It passes only while someone waits for the cluster, on a watch or on its
//! [clock](crate::Cluster::clock), and then as fast as it can be computed; the same requests always have the same
//! result. Nothing here sleeps, starts a thread or needs a particular runtime.
//!
//! It can be told to [`fail`](Sandbox::fail), and [kept in a file](Sandbox::open).
//!
//! ```
//! use std::time::Duration;
//!
//! use cht_k8s::Cluster;
//! use cht_k8s::sandbox::Sandbox;
//! use cht_manifests::Kind;
//!
//! # futures::executor::block_on(async {
//! let sandbox = Sandbox::new();
//! let classes = sandbox.list(Kind::StorageClass, None).await?.items;
//! assert!(classes.iter().any(|class| class.name() == "local-path"));
//!
//! let clock = sandbox.clock();
//! let before = clock.now();
//! clock.sleep(Duration::from_secs(3600)).await;
//! assert_eq!(clock.now().duration_since(before).as_secs(), 3600);
//! # Ok::<_, cht_k8s::ClusterError>(())
//! # }).unwrap();
//! ```

mod agenda;
mod clock;
mod connection;
mod controllers;
mod defaults;
mod error;
mod events;
mod faults;
mod fields;
mod file;
mod immutable;
mod json;
mod logs;
mod managed;
mod merge;
mod naming;
mod nodes;
mod quantity;
#[expect(clippy::module_inception, reason = "the type that the module is about")]
mod sandbox;
mod schema;
mod seed;
mod server;
mod services;
mod shape;
mod shared;
mod store;
mod validate;
mod waiting;
mod watch;
mod world;
mod write;

pub use error::SandboxError;
pub use faults::{Fault, Verb};
pub use nodes::SandboxNode;
pub use sandbox::{Sandbox, SandboxBuilder};
