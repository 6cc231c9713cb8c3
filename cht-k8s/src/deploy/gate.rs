//! Waits until what has been applied so far is ready, broken, or out of time.

use std::time::Duration;

use cht_manifests::Component;
use futures::future::{Either, select};

use super::run::Run;
use crate::events::{Broken, Event, Failure};
use crate::health::{ComponentHealth, Health, Heard, Problem, assess, gather};

/// After this long without news, a person wants to know that the run is still there.
const HEARTBEAT: Duration = Duration::from_secs(10);

impl Run<'_> {
    /// The health of every component now.
    pub(super) fn assess(&self) -> Vec<ComponentHealth> {
        let components = assess(&self.mirror.view, &self.expected, self.cluster.clock().now());
        components.into_iter().map(|component| component.redacted(&self.redactor)).collect()
    }

    /// Waits until every component that is gated so far is ready.
    pub(super) async fn wait_for_components(&mut self) -> Result<(), Failure> {
        loop {
            self.asker.begin(&self.mirror.view, &self.expected, |component| self.gated.contains(&component));
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
    pub(super) async fn news(&mut self, waiting: Vec<ComponentHealth>) -> Result<(), Failure> {
        self.news_within(HEARTBEAT, waiting).await
    }

    /// Waits until something has happened in the namespace, or for so long.
    pub(super) async fn news_within(
        &mut self,
        patience: Duration,
        waiting: Vec<ComponentHealth>,
    ) -> Result<(), Failure> {
        self.check_stop()?;
        let clock = self.cluster.clock();
        let elapsed = clock.now().duration_since(self.started).unsigned_abs();
        let Some(left) = self.options.timeout.checked_sub(elapsed).filter(|left| !left.is_zero()) else {
            return Err(Failure::TimedOut(waiting));
        };
        let stop = self.options.stop.clone();
        let mut interruption = select(Box::pin(stop.stopped()), clock.sleep(patience.min(left)));
        loop {
            self.asker.begin(&self.mirror.view, &self.expected, |component| self.gated.contains(&component));
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
                    if patience == HEARTBEAT && elapsed < self.options.timeout {
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
    pub(super) async fn break_down(&mut self, component: Component, problem: &Problem) -> Broken {
        let evidence = gather(&*self.cluster, &self.mirror.view, problem).await;
        Broken { component, problem: problem.redacted(&self.redactor), evidence: evidence.redacted(&self.redactor) }
    }
}
