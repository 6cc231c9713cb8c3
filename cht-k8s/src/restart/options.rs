//! How a restart behaves.

use std::time::Duration;

use crate::{Actor, LockOptions, RunId, Stop};

/// How a restart behaves.
#[derive(Debug, Clone)]
pub struct RestartOptions {
    /// How long it may take until every component is ready.
    pub timeout: Duration,
    /// Who restarts.
    pub actor: Actor,
    /// What the lock and the [event records](crate::event_record) know the run by. Each run needs one of its own.
    pub run: RunId,
    /// How the instance's lock is held.
    pub lock: LockOptions,
    /// Tells the run to stop.
    pub stop: Stop,
}

impl Default for RestartOptions {
    /// Half an hour, and whoever runs this process restarts.
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(30),
            actor: Actor::of_this_process(),
            run: RunId::new(),
            lock: LockOptions::default(),
            stop: Stop::new(),
        }
    }
}
