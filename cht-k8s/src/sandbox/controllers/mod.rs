//! What happens in the cluster by itself. Each controller looks at the whole state of its object and does the next
//! thing; whatever it changes makes those look again whom it concerns.

mod claim;
mod conditions;
mod deployment;
mod garbage;
mod job;
pub(crate) mod kubelet;
mod namespace;
mod notice;
mod replica_set;
mod scheduler;
mod volume;

pub(crate) use notice::{REACTION, notice, run};

/// The name under which the controllers write.
const MANAGER: &str = "kube-controller-manager";
