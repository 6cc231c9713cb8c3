//! Work that is done while the lock of an instance is held, and stops when it is lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cht_manifests::ObjectKey;
use futures::future::{Either, select};

use super::acquire::{Taken, acquire, holder_now};
use super::fence::{Fence, Fenced};
use super::lease::{Held, identity, lease_key};
use crate::events::Failure;
use crate::retry::reaching;
use crate::run::{Reporter, Stop};
use crate::{Actor, Cluster, ClusterError, LiveObject, RunId};

/// How a run holds the lock of its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOptions {
    /// How long to wait for another run. The lock of a run that was killed is over after the length of its lease.
    pub wait: Duration,
    /// How long the lock outlives a run that is killed. It is renewed three times within that, so a link that fails for
    /// longer ends the run.
    pub lease: Duration,
}

impl Default for LockOptions {
    /// A lease of 30 seconds, and twice that to wait.
    fn default() -> Self {
        Self { wait: Duration::from_mins(1), lease: Duration::from_secs(30) }
    }
}

/// Whose lock is wanted, by whom.
pub(super) struct Request<'a> {
    pub(super) key: ObjectKey,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) identity: String,
    pub(super) options: LockOptions,
    pub(super) is_first: bool,
    pub(super) reporter: &'a Reporter,
    pub(super) stop: &'a Stop,
}

/// How often a lock is given back that a renewal has just written.
const RELEASES: usize = 3;

/// The instance and the run that the lock is between.
pub(crate) struct Lock<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) project: &'a str,
    pub(crate) actor: &'a Actor,
    pub(crate) run: &'a RunId,
    pub(crate) options: LockOptions,
    pub(crate) reporter: &'a Reporter,
    pub(crate) stop: &'a Stop,
    /// Whether nothing was here before, so that there is no Lease to look at.
    pub(crate) is_first: bool,
    /// Whether the Lease goes after work that has come to its end: then nothing is left to hold a lock on.
    pub(crate) goes: bool,
}

/// Does `work` on the cluster that it is given, which stops writing when the lock is lost. The lock is released after it,
/// however it ends, or removed.
pub(crate) async fn while_locked<T, F>(
    cluster: Arc<dyn Cluster>,
    lock: Lock<'_>,
    work: impl FnOnce(Arc<dyn Cluster>) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let request = Request {
        key: lease_key(lock.namespace, lock.project),
        labels: crate::labels::on_records(lock.project, "lock"),
        // Options can be cloned, and the run's identity with them: no run takes another's lock for its own.
        identity: format!("{}/{}", identity(lock.actor, lock.run), RunId::new()),
        options: lock.options,
        is_first: lock.is_first,
        reporter: lock.reporter,
        stop: lock.stop,
    };
    let Taken { held, from } = acquire(&cluster, &request).await?;
    let fence = Arc::new(Fence::new(from, usable(held.length)));
    let held = Mutex::new(held);
    let fenced = Arc::new(Fenced { cluster: Arc::clone(&cluster), fence: Arc::clone(&fence) });
    let keeping = keep(&cluster, &held, &fence);
    // The lock first: work that always has something to do must not keep it from being renewed.
    let result = match select(Box::pin(keeping), Box::pin(work(fenced))).await {
        Either::Left(((), _)) => Err(Failure::Cluster(ClusterError::LockLost)),
        Either::Right((result, _)) => result,
    };
    if matches!(result, Err(Failure::Cluster(ClusterError::LockLost))) {
        let other = holder_now(&cluster, &request).await.filter(|held| held.holder != request.identity);
        return Err(Failure::LockLost(other.map(|held| held.holder())));
    }
    let held = held.into_inner().unwrap_or_else(PoisonError::into_inner);
    if lock.goes && result.is_ok() {
        let removed = remove(&cluster, &held).await;
        if removed.is_err() {
            release(&cluster, held).await;
        }
        return removed.map_err(Failure::Cluster).and(result);
    }
    release(&cluster, held).await;
    result
}

/// For how long after a renewal a run may write: the rest of the lease is for what is under way then.
fn usable(lease: Duration) -> Duration {
    lease * 2 / 3
}

/// Renews the lock, and returns when it is lost.
async fn keep(cluster: &Arc<dyn Cluster>, held: &Mutex<Held>, fence: &Fence) {
    let clock = cluster.clock();
    let current = || held.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut pause = current().length / 3;
    loop {
        clock.sleep(pause).await;
        let from = (clock.now(), Instant::now());
        let renewed = Held { renewed: Some(from.0), ..current() };
        let Ok(object) = renewed.write() else { return };
        let left = fence.left(&*clock);
        if left.is_zero() {
            return;
        }
        match select(Box::pin(cluster.replace(&object)), clock.sleep(left)).await {
            Either::Left((Ok(live), _)) => {
                let Ok(now_held) = Held::read(&live) else { return };
                fence.extend(from, usable(now_held.length));
                pause = now_held.length / 3;
                *held.lock().unwrap_or_else(PoisonError::into_inner) = now_held;
            }
            // Somebody has written it: another run, or this one by a renewal whose answer was lost.
            Either::Left((Err(ClusterError::Changed { .. }), _)) => {
                match cluster.get(&renewed.key).await.map(|live| live.as_ref().map(Held::read)) {
                    Ok(Some(Ok(found))) if found.holder == renewed.holder => {
                        *held.lock().unwrap_or_else(PoisonError::into_inner) = found;
                        pause = Duration::ZERO;
                    }
                    Ok(_) => return,
                    Err(_) => pause = renewed.length / 30,
                }
            }
            Either::Left((Err(_), _)) => pause = renewed.length / 30,
            Either::Right(_) => return,
        }
    }
}

/// Deletes the Lease, unless another run has it. (It must not be released before or after: servers make a Lease anew that is
/// written and not there.)
async fn remove(cluster: &Arc<dyn Cluster>, held: &Held) -> Result<(), ClusterError> {
    let clock = cluster.clock();
    let live = reaching(&*clock, || cluster.get(&held.key)).await?;
    let is_ours = |live: &LiveObject| Held::read(live).is_ok_and(|found| found.holder == held.holder);
    match live.filter(is_ours) {
        Some(live) => reaching(&*clock, || cluster.delete(&held.key, live.uid())).await.map(drop),
        None => Ok(()),
    }
}

/// Gives the lock back. If that fails, it is over when its lease is.
async fn release(cluster: &Arc<dyn Cluster>, mut held: Held) {
    let clock = cluster.clock();
    for _ in 0..RELEASES {
        let released = Held { holder: String::new(), ..held.clone() };
        let Ok(object) = released.write() else { return };
        match reaching(&*clock, || cluster.replace(&object)).await {
            // A renewal that was under way may have come first. Another run's lock is not this one's to release.
            Err(ClusterError::Changed { .. }) => {
                let live = reaching(&*clock, || cluster.get(&held.key)).await.ok().flatten();
                match live.as_ref().map(Held::read) {
                    Some(Ok(found)) if found.holder == held.holder => held = found,
                    _ => return,
                }
            }
            _ => return,
        }
    }
}
