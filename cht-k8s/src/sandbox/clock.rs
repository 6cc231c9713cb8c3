//! The sandbox's time, which passes only while someone waits.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use k8s_openapi::jiff::Timestamp;

use super::shared::{Place, Shared};
use super::waiting::WaitsFor;
use crate::Clock;

/// The clock of a sandbox.
#[derive(Debug)]
pub(crate) struct SandboxClock(pub(crate) Arc<Shared>);

#[async_trait]
impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        self.0.read(|world| world.now)
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now().checked_add(duration).unwrap_or(Timestamp::MAX);
        let place = Place::new(Arc::clone(&self.0), WaitsFor::Time(until));
        // Whoever else is about to do something does it first: only when all wait does time pass.
        let mut polled = false;
        poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        poll_fn(|context| place.poll(context, |_, _| ()).map(|_| ())).await;
    }
}
