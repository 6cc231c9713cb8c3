//! Takes the lock of an instance, or says who holds it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::{Either, select};
use k8s_openapi::jiff::Timestamp;

use super::lease::Held;
use super::locked::Request;
use crate::events::{Event, Failure, LockEvent};
use crate::retry::retrying;
use crate::{Clock, Cluster, ClusterError, LiveObject, WatchEvent};

/// By how much the clocks of two machines may differ before a Lease that looks long over is believed to be.
const SKEW: Duration = Duration::from_mins(5);
/// A Lease that says no length is taken to have this one.
const SHORTEST: Duration = Duration::from_secs(3);
/// How often somebody else may be quicker before that is odd, once the time to wait is over.
const TRIES: u32 = 5;
/// The pause after somebody else was quicker; it doubles each time, so many times at most.
const PAUSE: Duration = Duration::from_millis(20);
const DOUBLINGS: u32 = 5;
/// Without news of the Lease it is looked at again after this long.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// A lock just taken, and when it was asked for: it holds from then.
pub(super) struct Taken {
    pub(super) held: Held,
    pub(super) from: (Timestamp, Instant),
}

/// One state of the Lease of another run, and since when it has been seen here.
struct Seen {
    holder: String,
    renewed: Option<Timestamp>,
    since: Timestamp,
}

/// Attempts at a Lease that others write at the same time.
struct Contest {
    deadline: Timestamp,
    lost: u32,
}

impl Contest {
    /// What came of an attempt: nothing, after a pause, when somebody was quicker and there is time for another.
    async fn settle(
        &mut self,
        attempt: Result<Taken, ClusterError>,
        clock: &dyn Clock,
    ) -> Result<Option<Taken>, Failure> {
        match attempt {
            Err(ClusterError::Changed { .. }) if self.lost < TRIES || clock.now() < self.deadline => {
                clock.sleep(PAUSE * 2_u32.pow(self.lost.min(DOUBLINGS))).await;
                self.lost += 1;
                Ok(None)
            }
            attempt => attempt.map(Some).map_err(Failure::Cluster),
        }
    }
}

/// Waits until the lock is free, or its holder is gone, and takes it.
pub(super) async fn acquire(cluster: &Arc<dyn Cluster>, request: &Request<'_>) -> Result<Taken, Failure> {
    let clock = cluster.clock();
    let deadline = clock.now() + request.options.wait;
    let mut seen: Option<Seen> = None;
    let mut announced = false;
    let mut contest = Contest { deadline, lost: 0 };
    loop {
        if request.stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        let is_new = request.is_first && contest.lost == 0;
        let live = if is_new {
            None
        } else {
            retrying(&*clock, || cluster.get(&request.key)).await.map_err(Failure::Cluster)?
        };
        let found = live.as_ref().map(Held::read).transpose().map_err(Failure::Cluster)?;
        let now = clock.now();
        let Some(held) = found else {
            let attempt = take(cluster, request, None).await;
            if let Some(taken) = contest.settle(attempt, &*clock).await? {
                return Ok(taken);
            }
            continue;
        };
        if held.is_free() || held.holder == request.identity {
            let attempt = take(cluster, request, Some(held)).await;
            if let Some(taken) = contest.settle(attempt, &*clock).await? {
                return Ok(taken);
            }
            continue;
        }
        let unchanged = seen.take().filter(|seen| seen.holder == held.holder && seen.renewed == held.renewed);
        let since = unchanged.map_or(now, |seen| seen.since);
        let over = since + held.length.max(SHORTEST);
        let long_over = held.renewed.is_some_and(|renewed| renewed + held.length + SKEW < now);
        if now >= over || long_over {
            let holder = held.holder();
            let attempt = take(cluster, request, Some(held)).await;
            if let Some(taken) = contest.settle(attempt, &*clock).await? {
                request.reporter.report(Event::Lock(LockEvent::TakenOver { from: holder }));
                return Ok(taken);
            }
            continue;
        }
        if now >= deadline {
            return Err(Failure::Locked(held.holder()));
        }
        if !announced {
            announced = true;
            let wait = request.options.wait;
            request.reporter.report(Event::Lock(LockEvent::Waiting { holder: held.holder(), wait }));
        }
        seen = Some(Seen { holder: held.holder, renewed: held.renewed, since });
        let patience = deadline.min(over).duration_since(now).unsigned_abs().min(LOOK_AGAIN);
        let news = next_change(cluster, request, live.as_ref());
        let interruption = select(Box::pin(request.stop.stopped()), clock.sleep(patience));
        select(Box::pin(news), interruption).await;
    }
}

/// Writes this run into the Lease.
///
/// # Errors
///
/// [`ClusterError::Changed`] when somebody was quicker, or it was this run itself and the answer was lost: the next look tells.
async fn take(cluster: &Arc<dyn Cluster>, request: &Request<'_>, found: Option<Held>) -> Result<Taken, ClusterError> {
    let clock = cluster.clock();
    let from = (clock.now(), Instant::now());
    let transitions = found.as_ref().map_or(0, |found| found.transitions.saturating_add(1));
    let held = Held {
        key: request.key.clone(),
        holder: request.identity.clone(),
        acquired: Some(from.0),
        renewed: Some(from.0),
        length: request.options.lease,
        transitions,
        labels: request.labels.clone(),
        resource_version: found.and_then(|found| found.resource_version),
    };
    let object = held.write()?;
    let live = if held.resource_version.is_some() {
        retrying(&*clock, || cluster.replace(&object)).await?
    } else {
        retrying(&*clock, || cluster.create(&object)).await?
    };
    Ok(Taken { held: Held::read(&live)?, from })
}

/// Returns when the Lease has changed, or when that cannot be watched.
async fn next_change(cluster: &Arc<dyn Cluster>, request: &Request<'_>, live: Option<&LiveObject>) {
    let namespace = request.key.namespace.as_deref().unwrap_or_default();
    let since = live.map_or("", LiveObject::resource_version);
    let Ok(mut watch) = cluster.watch(request.key.kind, namespace, since).await else {
        return futures::future::pending().await;
    };
    while let Some(event) = watch.next().await {
        match event {
            Ok(WatchEvent::Changed(object) | WatchEvent::Deleted(object)) if object.key() == request.key => return,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    futures::future::pending::<()>().await;
}

/// Who holds the Lease now, where that can be seen.
pub(super) async fn holder_now(cluster: &Arc<dyn Cluster>, request: &Request<'_>) -> Option<Held> {
    let clock = cluster.clock();
    match select(Box::pin(cluster.get(&request.key)), clock.sleep(Duration::from_secs(5))).await {
        Either::Left((Ok(Some(live)), _)) => Held::read(&live).ok(),
        _ => None,
    }
}
