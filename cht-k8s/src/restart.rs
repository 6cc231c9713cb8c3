//! Starts components of an instance anew, each only when those before it are ready again.

mod options;
mod run;

use std::sync::Arc;

use cht_manifests::{Component, Manifests, Object, ObjectKey, manifests};
use cht_model::Instance;
use futures::stream::BoxStream;

use crate::Cluster;
use crate::events::Event;
use crate::run::events;

pub use options::RestartOptions;

/// Replaces the pods of these components, as [`components_of`] names them, and waits until they are ready: CouchDB's nodes
/// one at a time, then what works on them, in the order in which they depend on each other. What the instance wants stays as
/// it is, and so does all that holds data.
///
/// The stream is the run: it goes on while the stream is polled, and its last event is [`Event::Finished`].
pub fn restart(
    cluster: Arc<dyn Cluster>,
    instance: Instance,
    components: Vec<Component>,
    options: RestartOptions,
) -> BoxStream<'static, Event> {
    events(|reporter| run::run(cluster, instance, components, options, reporter))
}

/// The instance's components that are meant by these names, in the order in which they start; all of them where none is
/// named. `couchdb` means every node of a cluster.
///
/// # Errors
///
/// When the instance has no such component.
pub fn components_of(instance: &Instance, named: &[Component]) -> Result<Vec<Component>, NoSuchComponent> {
    let all: Vec<_> = in_order(&manifests(instance)).into_iter().map(|(component, _)| component).collect();
    let means = |named: Component, component: Component| {
        named == component || matches!((named, component), (Component::CouchDb(None), Component::CouchDb(_)))
    };
    if let Some(named) = named.iter().find(|named| !all.iter().any(|component| means(**named, *component))) {
        return Err(NoSuchComponent { component: *named, has: all });
    }
    let is_meant = |component: &Component| named.is_empty() || named.iter().any(|named| means(*named, *component));
    Ok(all.into_iter().filter(is_meant).collect())
}

/// Each component with its Deployment, none before those that it depends on.
fn in_order(manifests: &Manifests) -> Vec<(Component, ObjectKey)> {
    let deployments = manifests.iter().filter(|manifest| matches!(manifest.object, Object::Deployment(_)));
    let mut left: Vec<_> = deployments.map(|manifest| (manifest.component, manifest.object.key())).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let components: Vec<_> = left.iter().map(|(component, _)| *component).collect();
        let waits_for_none = |component: &Component| component.depends_on(&components).is_empty();
        let next = components.iter().position(waits_for_none).unwrap_or_default();
        ordered.push(left.remove(next));
    }
    ordered
}

/// The instance has no such component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this instance has no {component}: it has {}", names(.has))]
pub struct NoSuchComponent {
    /// The component.
    pub component: Component,
    /// Those that the instance has.
    pub has: Vec<Component>,
}

fn names(components: &[Component]) -> String {
    components.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Why a component cannot be started anew. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotRestart {
    /// It was never started.
    #[error("{object} is not there: deploy the instance first")]
    NotThere {
        /// Its Deployment.
        object: ObjectKey,
    },
    /// The new pod would come before the old one has gone.
    #[error(
        "{object} is not of strategy Recreate, so two CouchDBs would work on one volume: deploy the instance first, which \
         changes that"
    )]
    TwoPods {
        /// CouchDB's Deployment.
        object: ObjectKey,
    },
}

#[cfg(test)]
mod tests;
