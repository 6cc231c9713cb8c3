//! How an instance is now.

mod watch;

use std::sync::Arc;

use cht_manifests::{Kind, Manifests, manifests};
use cht_model::Instance;
use k8s_openapi::jiff::Timestamp;

pub use watch::watch_status;

use crate::events::Broken;
use crate::health::{
    Asker, ClaimHealth, ComponentHealth, Demand, Expected, Health, Services, Unchecked, View, assess, gather,
};
use crate::plan::StoredCredentials;
use crate::redact::Redactor;
use crate::retry::reaching;
use crate::{Cluster, ClusterError, Listing};

/// How an instance is.
#[derive(Debug)]
pub struct Status {
    /// When it was looked at, by the cluster's clock.
    pub at: Timestamp,
    /// Every component, in the order in which they start.
    pub components: Vec<ComponentHealth>,
    /// Every claim.
    pub claims: Vec<ClaimHealth>,
    /// What is broken, with evidence.
    pub broken: Vec<Broken>,
    /// What is not known, and why.
    pub unchecked: Vec<Unchecked>,
    /// What a person should know besides.
    pub notes: Vec<String>,
    /// The address that people open.
    pub address: String,
}

impl Status {
    /// Whether every component is ready.
    pub fn is_ready(&self) -> bool {
        self.components.iter().all(|component| component.health.is_ready())
    }
}

/// Looks at an instance, and asks its services. Only reads, but for opening a session of CouchDB.
///
/// # Errors
///
/// When the cluster does not answer or refuses.
pub async fn status(cluster: Arc<dyn Cluster>, instance: &Instance) -> Result<Status, ClusterError> {
    let namespace = instance.namespace().as_str();
    let mut view = View::default();
    let now = cluster.clock().now();
    let wanted = manifests(instance);
    for (kind, Listing { items, .. }) in listings(&cluster, namespace, &wanted).await? {
        view.reset(kind, items, now);
    }
    let known = Known::read(&*cluster, instance).await?;
    let expected = Expected::of(namespace, &wanted);
    view.answers.demand(Demand::Everyones);
    let mut asker = Asker::new(Arc::clone(&cluster), known.services(instance, &expected));
    let mut notes = asker.ask_once(&mut view, &expected).await;
    if view.deployments.is_empty() {
        notes.push(format!("no Deployment is in namespace {namespace}: `cht deploy` brings the instance there"));
    }
    asker.conclude(&mut view.answers);

    let redactor = &known.redactor;
    let components = assess(&view, &expected, now);
    let components: Vec<_> = components.into_iter().map(|component| component.redacted(redactor)).collect();
    let mut broken = Vec::new();
    for component in &components {
        if let Health::Failed(problem) = &component.health {
            let mut evidence = gather(&*cluster, &view, problem).await.redacted(redactor);
            if !known.all_secrets {
                evidence.logs.clear();
            }
            broken.push(Broken { component: component.component, problem: (**problem).clone(), evidence });
        }
    }
    let claims = wanted.iter().filter(|manifest| manifest.object.kind() == Kind::PersistentVolumeClaim);
    let claims = claims.map(|manifest| ClaimHealth::of(&view, manifest.object.name(), namespace).redacted(redactor));
    Ok(Status {
        at: now,
        components,
        claims: claims.collect(),
        broken,
        unchecked: view.answers.unchecked().iter().map(|unchecked| unchecked.redacted(redactor)).collect(),
        notes: notes.iter().map(|note| redactor.redact(note)).collect(),
        address: instance.address(),
    })
}

/// What a view is made of, as it is now.
async fn listings(
    cluster: &Arc<dyn Cluster>,
    namespace: &str,
    wanted: &Manifests,
) -> Result<Vec<(Kind, Listing)>, ClusterError> {
    let lists = View::kinds_for(wanted).map(|kind| async move {
        let listing = reaching(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await?;
        Ok::<_, ClusterError>((kind, listing))
    });
    futures::future::try_join_all(lists).await
}

/// The secrets of an instance, as far as whoever looks may know them.
pub(crate) struct Known {
    /// Those that CouchDB has.
    credentials: StoredCredentials,
    pub(crate) redactor: Redactor,
    /// Whether these are all. Whoever may not read the cluster's is shown no logs: containers may write down credentials
    /// that the values leave out, and nothing could keep them out.
    all_secrets: bool,
}

impl Known {
    pub(crate) async fn read(cluster: &dyn Cluster, instance: &Instance) -> Result<Self, ClusterError> {
        let stored = match StoredCredentials::read(cluster, instance).await {
            Ok(stored) => Some(stored),
            Err(ClusterError::Forbidden { .. }) => None,
            Err(error) => return Err(error),
        };
        let all_secrets = stored.is_some();
        let stored = stored.unwrap_or_default();
        let redactor = Redactor::of(instance).and_stored(&stored);
        let credentials = stored.or(StoredCredentials::wanted(&manifests(instance)));
        Ok(Self { credentials, redactor, all_secrets })
    }

    pub(crate) fn services(&self, instance: &Instance, expected: &Expected) -> Services {
        Services::of(instance.version(), &self.credentials, expected)
    }
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
        let log = "no route to haproxy".to_owned();
        deployed(Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log })
    }

    /// An instance that something is wrong with.
    fn deployed(fault: Fault) -> Arc<Sandbox> {
        let sandbox = Arc::new(Sandbox::new());
        sandbox.fail(fault);
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

    #[test]
    fn one_look_asks_an_api_that_is_not_ready() {
        let status = status_of(&deployed(Fault::NeverReady { container: "cht-api".to_owned() })).expect("a status");
        let api = status.components.iter().find(|one| one.object.name == "cht-api").expect("the API");
        assert_eq!(api.health.reason(), Some("it runs, and Service/api does not lead to it yet"));
    }
}
