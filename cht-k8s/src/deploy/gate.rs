//! Waits until what a run has set going so far is ready, broken, or out of time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::Component;
use futures::future::{Either, select};
use k8s_openapi::jiff::Timestamp;

use crate::Cluster;
use crate::events::{Broken, Event, Failure};
use crate::health::{Asker, ComponentHealth, Expected, Health, Heard, Problem, assess, gather};
use crate::mirror::Mirror;
use crate::redact::Redactor;
use crate::run::{Reporter, Stop};

/// After this long without news, a person wants to know that the run is still there.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// What a run knows while it waits for components, and whom it tells.
pub(crate) struct Gates<'a> {
    pub(crate) cluster: Arc<dyn Cluster>,
    pub(crate) timeout: Duration,
    pub(crate) stop: Stop,
    pub(crate) reporter: &'a Reporter,
    pub(crate) redactor: Redactor,
    pub(crate) mirror: Mirror,
    pub(crate) expected: Expected,
    pub(crate) asker: Asker,
    /// The components that are gated so far: what is replaced later does not count yet.
    pub(crate) gated: Vec<Component>,
    /// Whether those are asked whether they serve, too, that are not gated: they run already, and gated ones may wait for them.
    pub(crate) asks_all: bool,
    pub(crate) shown: BTreeMap<Component, Health>,
    pub(crate) started: Timestamp,
}

impl Gates<'_> {
    /// The health of every component now.
    pub(crate) fn assess(&self) -> Vec<ComponentHealth> {
        let components = assess(&self.mirror.view, &self.expected, self.cluster.clock().now());
        components.into_iter().map(|component| component.redacted(&self.redactor)).collect()
    }

    /// Waits until every component that is gated so far is ready.
    pub(crate) async fn wait_for_components(&mut self) -> Result<(), Failure> {
        loop {
            self.ask();
            let components: Vec<_> =
                self.assess().into_iter().filter(|health| self.gated.contains(&health.component)).collect();
            self.report_changes(&components);
            let broken = self.broken(&components).await;
            if !broken.is_empty() {
                return Err(Failure::Workload(broken));
            }
            let waiting: Vec<_> = components.into_iter().filter(|health| !health.health.is_ready()).collect();
            if waiting.is_empty() {
                return Ok(());
            }
            self.news(waiting).await?;
        }
    }

    /// Waits until something has happened in the namespace.
    pub(crate) async fn news(&mut self, waiting: Vec<ComponentHealth>) -> Result<(), Failure> {
        self.news_within(HEARTBEAT, waiting).await
    }

    /// Waits until something has happened in the namespace, or for so long.
    pub(crate) async fn news_within(
        &mut self,
        patience: Duration,
        waiting: Vec<ComponentHealth>,
    ) -> Result<(), Failure> {
        self.check_stop()?;
        let clock = self.cluster.clock();
        let elapsed = clock.now().duration_since(self.started).unsigned_abs();
        let Some(left) = self.timeout.checked_sub(elapsed).filter(|left| !left.is_zero()) else {
            return Err(Failure::TimedOut(waiting));
        };
        let stop = self.stop.clone();
        let mut interruption = select(Box::pin(stop.stopped()), clock.sleep(patience.min(left)));
        loop {
            self.ask();
            let news = select(Box::pin(self.mirror.changed()), Box::pin(self.asker.next()));
            let heard = match select(news, interruption).await {
                Either::Left((Either::Left((changed, _)), _)) => return changed.map_err(Failure::Cluster),
                Either::Left((Either::Right((heard, _)), rest)) => {
                    interruption = rest;
                    heard
                }
                Either::Right((Either::Left(_), _)) => return Err(Failure::Interrupted),
                Either::Right((Either::Right(_), _)) => {
                    let elapsed = clock.now().duration_since(self.started).unsigned_abs();
                    if patience == HEARTBEAT && elapsed < self.timeout {
                        self.reporter.report(Event::StillWaiting { elapsed, waiting });
                    }
                    return Ok(());
                }
            };
            if self.hear(heard) {
                return Ok(());
            }
        }
    }

    /// Takes in what a service says. Answers whether it is news.
    fn hear(&mut self, heard: Heard) -> bool {
        let (is_news, notes) = self.asker.take(heard, &mut self.mirror.view.answers);
        for note in notes {
            self.reporter.report(Event::Note(self.redactor.redact(&note)));
        }
        is_news
    }

    /// Ends the run where it was told to stop.
    pub(crate) fn check_stop(&self) -> Result<(), Failure> {
        if self.stop.is_stopped() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    fn ask(&mut self) {
        let (gated, asks_all) = (&self.gated, self.asks_all);
        self.asker.begin(&self.mirror.view, &self.expected, |component| asks_all || gated.contains(&component));
    }

    fn report_changes(&mut self, components: &[ComponentHealth]) {
        for component in components {
            // A moment later it has said whether it serves, and most do.
            if self.asker.awaits(component.component) {
                continue;
            }
            if self.shown.get(&component.component) != Some(&component.health) {
                self.shown.insert(component.component, component.health.clone());
                self.reporter.report(Event::HealthChanged(component.clone()));
            }
        }
    }

    async fn broken(&mut self, components: &[ComponentHealth]) -> Vec<Broken> {
        let mut broken = Vec::new();
        for component in components {
            if let Health::Failed(problem) = &component.health {
                broken.push(self.break_down(component.component, problem).await);
            }
        }
        broken
    }

    /// A problem with its evidence. Both hold texts of containers, which may hold secrets.
    pub(crate) async fn break_down(&mut self, component: Component, problem: &Problem) -> Broken {
        let evidence = gather(&*self.cluster, &self.mirror.view, problem).await;
        Broken { component, problem: problem.redacted(&self.redactor), evidence: evidence.redacted(&self.redactor) }
    }
}
