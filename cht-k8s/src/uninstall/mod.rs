//! Takes an instance out of a cluster, and leaves its data where it is, unless it is told by name to delete that, too.

mod data;
mod found;
mod leaving;
mod options;
mod places;
mod run;
mod workloads;

use std::sync::Arc;

use cht_model::Instance;
use futures::stream::BoxStream;

use crate::Cluster;
use crate::events::Event;
use crate::run::events;

pub(crate) use found::REMOVED;
pub use options::{Confirmed, DataFate, NotConfirmed, UninstallOptions};
pub(crate) use places::place;
pub(crate) use places::{of_manifests as places_of_manifests, of_volume as place_of_volume};

/// Removes what an instance runs, and waits until its pods have stopped. Claims, volumes, credentials, records and the
/// namespace are kept: a deploy afterwards finds them again. With [`DataFate::Delete`] only the namespace is kept. Only
/// objects that bear this project's labels are removed, and data only where the inventory proves it to be the instance's.
///
/// The stream is the run: it goes on while the stream is polled, and its last event is [`Event::Finished`].
/// A run that is dropped or killed can be repeated: the next one goes on from what is there.
pub fn uninstall(
    cluster: Arc<dyn Cluster>,
    instance: Instance,
    options: UninstallOptions,
) -> BoxStream<'static, Event> {
    events(|reporter| run::run(cluster, instance, options, reporter))
}

#[cfg(test)]
mod tests;
