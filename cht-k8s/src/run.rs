//! Turns a run into the stream of its events.

use std::pin::pin;
use std::sync::Arc;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::{Either, FutureExt, select};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use crate::events::Event;

/// Where a run puts its events.
#[derive(Clone)]
pub(crate) struct Reporter(UnboundedSender<Event>);

impl Reporter {
    /// Reports an event. Whoever started the run may have stopped listening, and the run is then dropped with the stream.
    pub(crate) fn report(&self, event: Event) {
        let _ = self.0.unbounded_send(event);
    }
}

/// The events of a run. The run goes on only while the stream is polled, and ends when it is dropped.
pub(crate) fn events<F>(run: impl FnOnce(Reporter) -> F) -> BoxStream<'static, Event>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = unbounded();
    let run = run(Reporter(sender)).into_stream().filter_map(|()| futures::future::ready(None));
    stream::select(receiver, run).boxed()
}

/// Tells a run to stop: it finishes the requests in flight and starts no others.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// A handle that has not been used.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Tells the run to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the run was told to stop.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// What `work` gives, or nothing when the run is told to stop before. The work is then dropped.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match select(pin!(work), pin!(self.stopped())).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// Returns when the run is told to stop.
    pub(crate) async fn stopped(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`, so this only ends with the value.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
