//! Makes a cluster hold what a plan wants: stage by stage, each healthy before the next.

mod apply;
mod claims;
mod gate;
mod jobs;
mod prune;
mod recorded;
mod retain;
mod run;
mod unchanged;

pub(crate) use apply::apply;

use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;

pub(crate) use gate::Gates;

use crate::events::Event;
use crate::plan::{DataRule, Plan};
use crate::run::{Stop, events};
use crate::{Actor, Cluster, LockOptions, RunId};

/// How a deploy behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long it may take until every component is ready. Slow links pull images for minutes.
    pub timeout: Duration,
    /// Rules of data safety that are lifted, by name.
    pub allow: Vec<DataRule>,
    /// Whether the cluster is not looked at first for what a deploy would fail with.
    pub skip_preflight: bool,
    /// Who deploys.
    pub actor: Actor,
    /// What the lock, the records and the [event records](crate::event_record) know the run by. Each run needs one of its own.
    pub run: RunId,
    /// How the instance's lock is held.
    pub lock: LockOptions,
    /// Tells the deploy to stop.
    pub stop: Stop,
}

impl Default for Options {
    /// Half an hour, every rule holds, the cluster is looked at first, and whoever runs this process deploys.
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(30),
            allow: Vec::new(),
            skip_preflight: false,
            actor: Actor::of_this_process(),
            run: RunId::new(),
            lock: LockOptions::default(),
            stop: Stop::new(),
        }
    }
}

/// Applies a plan and waits until every component is ready, or until something is broken that waiting does not mend.
///
/// The stream is the run: it goes on while the stream is polled, and its last event is [`Event::Finished`].
/// A run that is dropped or killed can be repeated: the next one goes on from what is there.
pub fn deploy(cluster: Arc<dyn Cluster>, plan: Plan, options: Options) -> BoxStream<'static, Event> {
    events(|reporter| recorded::run(cluster, plan, options, reporter))
}

#[cfg(test)]
mod tests;
