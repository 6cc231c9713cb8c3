//! Turns a run into the stream of its events.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::{Either, FutureExt, select};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use crate::Clock;
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

    /// What `work` gives; when the run is told to stop, it gets `grace` to come to its end, and is dropped after that.
    pub(crate) async fn or_after<T>(
        &self,
        clock: &dyn Clock,
        grace: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let over = async {
            self.stopped().await;
            clock.sleep(grace).await;
        };
        match select(pin!(work), pin!(over)).await {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures::executor::block_on;
    use futures::future::{join, pending};

    use super::*;

    /// Yields to others a few times.
    async fn a_while() {
        for _ in 0..3 {
            let mut woken = false;
            futures::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut woken, true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
        }
    }

    fn note(number: usize) -> Event {
        Event::Note(number.to_string())
    }

    fn numbers(events: Vec<Event>) -> Vec<usize> {
        let number = |event| match event {
            Event::Note(text) => text.parse().expect("a number"),
            other => panic!("{other:?}"),
        };
        events.into_iter().map(number).collect()
    }

    #[test]
    fn the_stream_is_the_run_from_its_first_event_to_its_last() {
        let events = events(|reporter| async move {
            for number in 0..9 {
                reporter.report(note(number));
                if number % 2 == 0 {
                    a_while().await;
                }
            }
        });
        assert_eq!(numbers(block_on(events.collect())), (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn an_event_is_there_before_the_run_goes_on() {
        let mut events = events(|reporter| async move {
            reporter.report(note(1));
            pending::<()>().await;
        });
        assert_eq!(numbers(vec![block_on(events.next()).expect("an event")]), [1]);
        assert!(events.next().now_or_never().is_none());
    }

    #[test]
    fn nothing_happens_before_the_stream_is_polled_nor_after_it_is_dropped() {
        struct Ends(Arc<AtomicBool>);
        impl Drop for Ends {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let (begun, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (begins, ends) = (Arc::clone(&begun), Ends(Arc::clone(&ended)));
        let mut events = events(|reporter| async move {
            let _ends = ends;
            begins.store(true, Ordering::Relaxed);
            reporter.report(note(1));
            pending::<()>().await;
        });
        assert!(!begun.load(Ordering::Relaxed));
        block_on(events.next()).expect("an event");
        assert!(begun.load(Ordering::Relaxed) && !ended.load(Ordering::Relaxed));
        drop(events);
        assert!(ended.load(Ordering::Relaxed));
    }

    #[test]
    fn a_stop_is_heard_before_and_after_it_is_waited_for() {
        let stop = Stop::default();
        assert!(!stop.is_stopped());
        assert!(stop.stopped().now_or_never().is_none());
        let other = stop.clone();
        block_on(join(stop.stopped(), async move {
            a_while().await;
            other.stop();
        }));
        assert!(stop.is_stopped());
        assert!(stop.stopped().now_or_never().is_some());
    }

    #[test]
    fn work_goes_on_until_the_stop() {
        let stop = Stop::new();
        assert_eq!(block_on(stop.or(async { 7 })), Some(7));
        stop.stop();
        assert_eq!(block_on(stop.or(pending::<u8>())), None);
    }
}
