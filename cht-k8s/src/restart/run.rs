//! One restart from its first look to its outcome, under the lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Component, Kind, Manifests, ObjectKey, manifests};
use cht_model::Instance;
use serde_json::{Value, json};

use super::{CannotRestart, RestartOptions, in_order};
use crate::deploy::Gates;
use crate::done::Done;
use crate::events::{Applied, Event, Failure, Outcome, Success};
use crate::health::{Asker, Demand, Expected, View};
use crate::lock::{Lock, while_locked};
use crate::mirror::Mirror;
use crate::retry::{reaching, retrying, unless_changed};
use crate::run::Reporter;
use crate::status::Known;
use crate::{Cluster, ClusterError, LiveObject};

/// How long requests in flight may take after a run was told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// What changes in a template so that its pods are replaced. It is what `kubectl rollout restart` sets, too.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Runs a restart, and reports how it ended.
pub(super) async fn run(
    cluster: Arc<dyn Cluster>,
    instance: Instance,
    components: Vec<Component>,
    options: RestartOptions,
    reporter: Reporter,
) {
    let started = cluster.clock().now();
    let before = cluster.requests();
    let mut done = Done::default();
    let restart =
        Restart { manifests: manifests(&instance), instance, components, options, reporter: reporter.clone() };
    let result = restart.run(&cluster, &mut done).await;
    let duration = cluster.clock().now().duration_since(started).unsigned_abs();
    let requests = cluster.requests() - before;
    reporter.report(Event::Finished(Outcome { result, counts: done.counts, requests, duration }));
}

struct Restart {
    instance: Instance,
    manifests: Manifests,
    components: Vec<Component>,
    options: RestartOptions,
    reporter: Reporter,
}

impl Restart {
    async fn run(&self, cluster: &Arc<dyn Cluster>, done: &mut Done) -> Result<Success, Failure> {
        self.look(&**cluster).await?;
        if self.options.stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        let lock = Lock {
            namespace: self.instance.namespace().as_str(),
            project: self.instance.project().as_str(),
            actor: &self.options.actor,
            run: &self.options.run,
            options: self.options.lock,
            reporter: &self.reporter,
            stop: &self.options.stop,
            is_first: false,
            goes: false,
        };
        while_locked(Arc::clone(cluster), lock, |cluster| async move {
            let clock = cluster.clock();
            let work = self.carry_out(cluster, done);
            self.options.stop.or_after(&*clock, GRACE, work).await.unwrap_or(Err(Failure::Interrupted))
        })
        .await
    }

    /// Refuses what could not be brought to its end, before anything is restarted.
    async fn look(&self, cluster: &dyn Cluster) -> Result<(), Failure> {
        for (component, object) in self.deployments() {
            let live = reaching(&*cluster.clock(), || cluster.get(&object)).await.map_err(Failure::Cluster)?;
            let Some(live) = live else { return Err(Failure::CannotRestart(CannotRestart::NotThere { object })) };
            let recreates = live.text("/spec/strategy/type") == Some("Recreate");
            if matches!(component, Component::CouchDb(_)) && !recreates {
                return Err(Failure::CannotRestart(CannotRestart::TwoPods { object }));
            }
        }
        Ok(())
    }

    /// The Deployments of the components, in the order in which they start.
    fn deployments(&self) -> Vec<(Component, ObjectKey)> {
        let all = in_order(&self.manifests);
        all.into_iter().filter(|(component, _)| self.components.contains(component)).collect()
    }

    async fn carry_out(&self, cluster: Arc<dyn Cluster>, done: &mut Done) -> Result<Success, Failure> {
        let mut gates = self.gates(&cluster).await.map_err(Failure::Cluster)?;
        for (component, object) in self.deployments() {
            gates.check_stop()?;
            let live = replace_pods(&*cluster, &object).await.map_err(Failure::Cluster)?;
            self.reporter.report(Event::Applied { object, uid: live.uid().to_owned(), change: Applied::Changed });
            done.applied(&live, Applied::Changed);
            if let Some(generation) = live.value().pointer("/metadata/generation").and_then(Value::as_i64) {
                gates.expected.at_least(live.name(), generation);
            }
            gates.gated.push(component);
            gates.wait_for_components().await?;
        }
        let mut components = gates.assess();
        components.retain(|health| self.components.contains(&health.component));
        Ok(Success::Restarted { components })
    }

    async fn gates(&self, cluster: &Arc<dyn Cluster>) -> Result<Gates<'_>, ClusterError> {
        let namespace = self.instance.namespace().as_str();
        let mut mirror =
            Mirror::open(Arc::clone(cluster), namespace, View::kinds_for(&self.manifests), |_| None).await?;
        mirror.view.answers.demand(Demand::Everyones);
        let expected = Expected::of(namespace, &self.manifests);
        let known = Known::read(&**cluster, &self.instance).await?;
        let services = known.services(&self.instance, &expected);
        Ok(Gates {
            started: cluster.clock().now(),
            redactor: known.redactor,
            expected,
            asker: Asker::new(Arc::clone(cluster), services),
            cluster: Arc::clone(cluster),
            timeout: self.options.timeout,
            stop: self.options.stop.clone(),
            reporter: &self.reporter,
            mirror,
            gated: Vec::new(),
            asks_all: true,
            shown: BTreeMap::new(),
        })
    }
}

/// Lets a Deployment replace its pods, with the strategy that it has.
async fn replace_pods(cluster: &dyn Cluster, key: &ObjectKey) -> Result<LiveObject, ClusterError> {
    let clock = cluster.clock();
    let now = clock.now().to_string();
    let gone = || ClusterError::Changed { object: key.clone(), message: "it is not there any more".to_owned() };
    unless_changed(async || {
        let live = retrying(&*clock, || cluster.get(key)).await?.ok_or_else(gone)?;
        let mut value = live.value().clone();
        let annotations = &mut value["spec"]["template"]["metadata"]["annotations"];
        if annotations.is_null() {
            *annotations = json!({});
        }
        annotations[RESTARTED_AT] = json!(now);
        let live = LiveObject::new(Kind::Deployment, value);
        retrying(&*clock, || cluster.replace(&live)).await
    })
    .await
}
