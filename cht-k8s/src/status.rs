//! How an instance is now.

use std::sync::Arc;

use cht_manifests::manifests;
use cht_model::Instance;

use crate::events::Broken;
use crate::health::{ComponentHealth, Expected, Health, View, assess, gather};
use crate::plan::StoredCredentials;
use crate::redact::Redactor;
use crate::retry::reaching;
use crate::{Cluster, ClusterError, Listing};

/// How an instance is.
#[derive(Debug)]
pub struct Status {
    /// Every component, in the order in which they start.
    pub components: Vec<ComponentHealth>,
    /// What is broken, with evidence.
    pub broken: Vec<Broken>,
    /// The address that people open.
    pub address: String,
}

impl Status {
    /// Whether every component is ready.
    pub fn is_ready(&self) -> bool {
        self.components.iter().all(|component| component.health.is_ready())
    }
}

/// Looks at an instance. Only reads.
///
/// # Errors
///
/// When the cluster does not answer or refuses.
pub async fn status(cluster: Arc<dyn Cluster>, instance: &Instance) -> Result<Status, ClusterError> {
    let namespace = instance.namespace().as_str();
    let lists = View::KINDS.map(|kind| {
        let cluster = Arc::clone(&cluster);
        async move {
            let listing = reaching(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await?;
            Ok::<_, ClusterError>((kind, listing))
        }
    });
    let now = cluster.clock().now();
    let mut view = View::default();
    for (kind, Listing { items, .. }) in futures::future::try_join_all(lists).await? {
        view.reset(kind, items, now);
    }

    // Containers may write down credentials that the values leave out: those in the cluster count, too.
    // Whoever may not read those is shown no logs: nothing could be kept out of them.
    let stored = match StoredCredentials::read(&*cluster, namespace).await {
        Ok(stored) => Some(stored),
        Err(ClusterError::Forbidden { .. }) => None,
        Err(error) => return Err(error),
    };
    let shows_logs = stored.is_some();
    let stored = stored.unwrap_or_default();
    let redactor = Redactor::of(&stored.known(instance.clone()));
    let components = assess(&view, &Expected::of(namespace, &manifests(instance)), now);
    let components: Vec<_> = components.into_iter().map(|component| component.redacted(&redactor)).collect();
    let mut broken = Vec::new();
    for component in &components {
        if let Health::Failed(problem) = &component.health {
            let mut evidence = gather(&*cluster, &view, problem).await.redacted(&redactor);
            if !shows_logs {
                evidence.logs.clear();
            }
            broken.push(Broken { component: component.component, problem: (**problem).clone(), evidence });
        }
    }
    Ok(Status { components, broken, address: instance.address() })
}
