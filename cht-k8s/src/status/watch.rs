//! How an instance is from now on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Component, manifests};
use cht_model::Instance;
use futures::future::{Either, select};
use futures::stream::BoxStream;

use super::{Known, listings};
use crate::events::{Counts, Event, Failure, Outcome};
use crate::health::{Asker, ComponentHealth, Demand, Expected, Health, assess};
use crate::mirror::Mirror;
use crate::run::{Reporter, events};
use crate::{Cluster, ClusterError};

/// Some states are a matter of time alone: how long a container runs, or a pod waits for room.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Follows an instance: how each component is, then every change of that. Only reads, but for opening a session of CouchDB;
/// it watches, and asks services when other pods are behind them.
///
/// The stream is the run, and ends when it is dropped. By itself it ends only when the cluster is lost or refuses, with an
/// [`Event::Finished`] that says so.
pub fn watch_status(cluster: Arc<dyn Cluster>, instance: Instance) -> BoxStream<'static, Event> {
    events(|reporter| async move {
        let (started, before) = (cluster.clock().now(), cluster.requests());
        let error = follow(&cluster, &instance, &reporter).await;
        let duration = cluster.clock().now().duration_since(started).unsigned_abs();
        let requests = cluster.requests() - before;
        let result = Err(Failure::Cluster(error));
        reporter.report(Event::Finished(Outcome { result, counts: Counts::default(), requests, duration }));
    })
}

/// Follows an instance until that is not possible any more, and answers with why.
async fn follow(cluster: &Arc<dyn Cluster>, instance: &Instance, reporter: &Reporter) -> ClusterError {
    match Follower::start(cluster, instance, reporter).await {
        Ok(mut follower) => loop {
            if let Err(error) = follower.turn().await {
                break follower.known.redactor.redact_error(error);
            }
        },
        Err(error) => error,
    }
}

struct Follower<'a> {
    cluster: &'a Arc<dyn Cluster>,
    instance: &'a Instance,
    reporter: &'a Reporter,
    expected: Expected,
    mirror: Mirror,
    asker: Asker,
    known: Known,
    /// Whether anything of the instance is there yet: its credentials come with it.
    is_there: bool,
    shown: BTreeMap<Component, Health>,
}

impl<'a> Follower<'a> {
    async fn start(
        cluster: &'a Arc<dyn Cluster>,
        instance: &'a Instance,
        reporter: &'a Reporter,
    ) -> Result<Self, ClusterError> {
        let namespace = instance.namespace().as_str();
        let wanted = manifests(instance);
        let taken: BTreeMap<_, _> = listings(cluster, namespace, &wanted).await?.into_iter().collect();
        let kinds = taken.keys().copied();
        let mut mirror =
            Mirror::open_whole(Arc::clone(cluster), namespace, kinds, |kind| taken.get(&kind).cloned()).await?;
        mirror.view.answers.demand(Demand::Everyones);
        let expected = Expected::of(namespace, &wanted);
        let known = Known::read(&**cluster, instance).await?;
        let asker = Asker::new(Arc::clone(cluster), known.services(instance, &expected));
        let is_there = !mirror.view.deployments.is_empty();
        Ok(Self { cluster, instance, reporter, expected, mirror, asker, known, is_there, shown: BTreeMap::new() })
    }

    /// Shows how the instance is, and waits until there is something else to show.
    async fn turn(&mut self) -> Result<(), ClusterError> {
        if !self.is_there && !self.mirror.view.deployments.is_empty() {
            self.is_there = true;
            self.known = Known::read(&**self.cluster, self.instance).await?;
            let services = self.known.services(self.instance, &self.expected);
            self.asker = Asker::new(Arc::clone(self.cluster), services);
        }
        self.asker.begin(&self.mirror.view, &self.expected, |_| true);
        let clock = self.cluster.clock();
        for component in assess(&self.mirror.view, &self.expected, clock.now()) {
            self.show(component.redacted(&self.known.redactor));
        }
        let news = select(Box::pin(self.mirror.changed()), Box::pin(self.asker.next()));
        let heard = match select(news, clock.sleep(LOOK_AGAIN)).await {
            Either::Left((Either::Left((changed, _)), _)) => return changed,
            Either::Left((Either::Right((heard, _)), _)) => heard,
            Either::Right(_) => return Ok(()),
        };
        for note in self.asker.take(heard, &mut self.mirror.view.answers).1 {
            self.reporter.report(Event::Note(self.known.redactor.redact(&note)));
        }
        Ok(())
    }

    fn show(&mut self, component: ComponentHealth) {
        // A moment later it has said whether it serves, and most do.
        let is_news = self.shown.get(&component.component) != Some(&component.health);
        if is_news && !self.asker.awaits(component.component) {
            self.shown.insert(component.component, component.health.clone());
            self.reporter.report(Event::HealthChanged(component));
        }
    }
}
