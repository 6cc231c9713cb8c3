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
    let redactor = Redactor::of(instance).and_stored(&stored);
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

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use futures::executor::block_on;

    use super::*;
    use crate::health::testing::{K3D, instance};
    use crate::sandbox::{Fault, Sandbox, Verb};
    use crate::{Options, deploy, plan};
    use cht_manifests::Kind;

    /// An instance whose API ends again and again.
    fn broken() -> Arc<Sandbox> {
        let sandbox = Arc::new(Sandbox::new());
        let log = "no route to haproxy".to_owned();
        sandbox.fail(Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log });
        let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
        let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
        block_on(events.for_each(|_| std::future::ready(())));
        sandbox
    }

    fn status_of(sandbox: &Arc<Sandbox>) -> Result<Status, ClusterError> {
        block_on(status(Arc::clone(sandbox) as Arc<dyn Cluster>, &instance(K3D, &[])))
    }

    fn refuse_secrets(sandbox: &Sandbox, error: &ClusterError) {
        let error = error.clone();
        sandbox.fail(Fault::Api { verb: Verb::Get, kind: Some(Kind::Secret), times: 1, error });
    }

    #[test]
    fn what_is_broken_is_shown_with_its_last_lines() {
        let status = status_of(&broken()).expect("a status");
        assert!(!status.is_ready());
        let [api] = &status.broken[..] else { panic!("{:?}", status.broken) };
        assert_eq!(api.component.to_string(), "api");
        assert_eq!(api.evidence.logs[0].lines, ["no route to haproxy"]);
    }

    #[test]
    fn whoever_may_not_read_secrets_sees_no_logs() {
        let sandbox = broken();
        let error = ClusterError::Forbidden { object: "Secret".to_owned(), message: "no".to_owned() };
        refuse_secrets(&sandbox, &error);
        let status = status_of(&sandbox).expect("a status");
        assert_eq!(status.broken.len(), 1);
        assert_eq!(status.broken[0].evidence.logs, []);
    }

    #[test]
    fn other_errors_are_errors() {
        let sandbox = broken();
        let error = ClusterError::Unauthorized { message: "who?".to_owned() };
        refuse_secrets(&sandbox, &error);
        assert_eq!(status_of(&sandbox).expect_err("no answer"), error);
    }
}
