//! Time as a cluster has it: the machine's own, or the sandbox's, which passes as fast as it can be computed.

use std::time::Duration;

use async_trait::async_trait;
use k8s_openapi::jiff::Timestamp;

/// A source of time. Everything that waits in this crate waits on one of these.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Returns when `duration` has passed.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
