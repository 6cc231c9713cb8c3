//! Following the pods of an instance.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::{Config, Event};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, ResourceExt as _};

use crate::site::{PATIENCE, Site};

/// The pods of an instance, by name.
pub(crate) type Pods = BTreeMap<String, Pod>;

/// Watches the pods of a namespace until one look at them is enough.
pub(crate) async fn watch_pods(pods: Api<Pod>, what: &str, mut is_enough: impl FnMut(&Pods) -> bool) {
    let mut events = watcher(pods, Config::default()).default_backoff().boxed();
    let (mut seen, mut listed) = (Pods::new(), false);
    let watching = async {
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Init) => (seen, listed) = (Pods::new(), false),
                Ok(Event::InitApply(pod) | Event::Apply(pod)) => drop(seen.insert(pod.name_any(), pod)),
                Ok(Event::InitDone) => listed = true,
                Ok(Event::Delete(pod)) => drop(seen.remove(&pod.name_any())),
                // A watch that fails is taken up again by itself.
                Err(_) => {}
            }
            if listed && is_enough(&seen) {
                return;
            }
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, watching).await;
    outcome.unwrap_or_else(|_| panic!("{what} did not come within {PATIENCE:?}; instead: {seen:#?}"));
}

impl Site {
    /// The instance's pods.
    pub(crate) fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Watches the pods until one look at them is enough.
    pub(crate) async fn watch_pods(&self, what: &str, is_enough: impl FnMut(&Pods) -> bool) {
        watch_pods(self.pods(), what, is_enough).await;
    }
}

/// Whether a pod belongs to a service, by its label.
pub(crate) fn is_of(pod: &Pod, service: &str) -> bool {
    pod.labels().get("cht.service").is_some_and(|label| label == service)
}

/// Whether a pod is ready, and to stay.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let mut ready = conditions.filter(|condition| condition.type_ == "Ready");
    pod.metadata.deletion_timestamp.is_none() && ready.any(|condition| condition.status == "True")
}

/// Whether a pod's containers run, ready or not.
pub(crate) fn is_running(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running")
}

/// How often a pod's containers have restarted.
pub(crate) fn restarts(pod: &Pod) -> i32 {
    let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    statuses.map(|container| container.restart_count).sum()
}
