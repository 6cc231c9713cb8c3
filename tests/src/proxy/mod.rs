//! Stands between a program under test and the API server: counts and records its requests, and lets them go wrong.
//!
//! The program gets a kubeconfig whose server is a port of this machine, in plain HTTP. Every request is forwarded to the
//! test cluster's API server, with the test cluster's credentials, and every answer is passed on as it comes, watches too.
//! [`Rule`]s say which requests go wrong, and how.
//!
//! ```no_run
//! # async fn example() {
//! use cht_tests::cluster::TestCluster;
//! use cht_tests::proxy::{Class, Fault, Proxy, Rule};
//!
//! let proxy = Proxy::start(&TestCluster::connect().await);
//! proxy.on(Rule::new(Fault::answer(503)).class(Class::Apply).resource("deployments").nth(2));
//! // … run a program with `--kubeconfig` and proxy.kubeconfig() …
//! assert!(proxy.seen().iter().any(|request| request.status == Some(503)));
//! # }
//! ```
//!
//! # What is recorded
//! Method, path, class, times and status of each request, and the body of what it wrote; never the body of a Secret.

mod answer;
mod connection;
mod fault;
mod forward;
mod gate;
mod handle;
mod record;
mod rule;
mod serve;
mod stream;
mod target;
mod victim;

pub use fault::{Fault, When};
pub use gate::Gate;
pub use handle::Proxy;
pub use record::{Seen, depth};
pub use rule::Rule;
pub use target::{Class, Target};
pub use victim::Victim;
