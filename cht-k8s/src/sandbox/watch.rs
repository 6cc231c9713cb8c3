//! A watch: the changes of one kind in one namespace, one after the other.

use std::sync::Arc;

use cht_manifests::Kind;
use futures::StreamExt;
use futures::stream::{self};

use super::shared::{Place, Shared};
use super::waiting::WaitsFor;
use crate::{ClusterError, Watch, WatchEvent};

/// Everything that happens after a version. Ends after an error.
pub(crate) fn stream(shared: Arc<Shared>, kind: Kind, namespace: &str, since: u64) -> Watch {
    let place = Place::new(shared, WaitsFor::Change { kind, namespace: namespace.to_owned(), since });
    let mut ended = false;
    stream::poll_fn(move |context| {
        if ended {
            return std::task::Poll::Ready(None);
        }
        let poll = place.poll(context, |world, waits_for| {
            let WaitsFor::Change { kind, namespace, since } = waits_for else { return None };
            match world.store.next(*kind, namespace, *since) {
                Ok(Some((version, event))) => {
                    *since = version;
                    Some(Ok::<WatchEvent, ClusterError>(event))
                }
                Ok(None) => None,
                Err(super::store::Forgotten) => Some(Err(ClusterError::Expired)),
            }
        });
        poll.map(|event| {
            let event = event.flatten();
            ended = !matches!(event, Some(Ok(_)));
            event
        })
    })
    .boxed()
}
