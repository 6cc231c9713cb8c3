//! Waits until objects that are on their way out are gone: with a watch, until a time.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt;
use futures::future::{Either, select};
use k8s_openapi::jiff::Timestamp;

use crate::events::Failure;
use crate::mirror::{News, follow};
use crate::retry::retrying;
use crate::run::Stop;
use crate::{Cluster, LiveObject, WatchEvent};

/// What came of the waiting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// They are gone.
    Nothing,
    /// Time is up, and these are there.
    Objects(BTreeSet<ObjectKey>),
}

/// Waits until no object of a kind is left for which `is_meant` holds, until the deadline, or until it is told to stop.
pub(super) async fn until_gone(
    cluster: &Arc<dyn Cluster>,
    (kind, namespace): (Kind, &str),
    (deadline, stop): (Timestamp, &Stop),
    is_meant: impl Fn(&LiveObject) -> bool,
) -> Result<Left, Failure> {
    let clock = cluster.clock();
    let listing = retrying(&*clock, || cluster.list(kind, Some(namespace))).await.map_err(Failure::Cluster)?;
    let meant = |items: &[LiveObject]| items.iter().filter(|object| is_meant(object)).map(LiveObject::key).collect();
    let mut left: BTreeSet<ObjectKey> = meant(&listing.items);
    if left.is_empty() {
        return Ok(Left::Nothing);
    }
    let mut news = follow(Arc::clone(cluster), kind, namespace, listing.resource_version);
    loop {
        let remaining = Duration::try_from(deadline.duration_since(clock.now())).unwrap_or_default();
        if stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        if remaining.is_zero() {
            return Ok(Left::Objects(left));
        }
        let mut told_to_stop = pin!(stop.stopped());
        let interruption = select(&mut told_to_stop, clock.sleep(remaining));
        match select(news.next(), interruption).await {
            Either::Left((Some(Ok(News::Listed(_, listing))), _)) => left = meant(&listing.items),
            Either::Left((Some(Ok(News::Happened(WatchEvent::Changed(object)))), _)) if is_meant(&object) => {
                left.insert(object.key());
            }
            Either::Left((Some(Ok(News::Happened(WatchEvent::Changed(object) | WatchEvent::Deleted(object)))), _)) => {
                left.remove(&object.key());
            }
            Either::Left((Some(Err(error)), _)) => return Err(Failure::Cluster(error)),
            Either::Left((Some(Ok(News::Happened(WatchEvent::Bookmark(_)))) | None, _)) | Either::Right(_) => {}
        }
        if left.is_empty() {
            return Ok(Left::Nothing);
        }
    }
}
