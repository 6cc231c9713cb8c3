//! One deploy from its plan to its outcome.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cht_manifests::{Component, Kind, Manifests, Object, Stage};
use futures::FutureExt;
use futures::stream::{self, StreamExt};

use super::Options;
use super::apply::apply;
use super::gate::Gates;
use crate::done::Done;
use crate::events::{Applied, Event, Failure, Success};
use crate::health::{Asker, Demand, Expected, Services, View};
use crate::mirror::Mirror;
use crate::plan::{Change, Observed, Plan, Step};
use crate::retry::retrying;
use crate::run::Reporter;
use crate::{Cluster, LiveObject};

/// How many objects of a stage are applied at the same time.
const IN_PARALLEL: usize = 8;

/// What a deploy knows while it goes on.
pub(super) struct Run<'a> {
    pub(super) gates: Gates<'a>,
    pub(super) manifests: Manifests,
    pub(super) done: &'a mut Done,
    pub(super) observed: Observed,
}

/// Applies what a plan wants, and waits until every component is ready.
pub(super) async fn carry_out(
    cluster: Arc<dyn Cluster>,
    plan: Plan,
    options: &Options,
    reporter: &Reporter,
    done: &mut Done,
) -> Result<Success, Failure> {
    let address = plan.address().to_owned();
    let namespace = plan.namespace().as_str().to_owned();
    let taken = |kind| plan.observed.listing(kind).cloned();
    let kinds = View::kinds_for(&plan.wanted.manifests);
    let mirror = Mirror::open(Arc::clone(&cluster), &namespace, kinds, taken).await;
    let mut mirror = mirror.map_err(Failure::Cluster)?;
    mirror.view.answers.demand(Demand::Everyones);
    let expected = Expected::of(&namespace, &plan.wanted.manifests);
    let services = Services::of(plan.version(), &plan.credentials(), &expected);
    let as_wanted = plan.steps.iter().filter(|step| step.change.is_as_wanted());
    for step in as_wanted {
        done.counts.unchanged += 1;
        let key = step.manifest.object.key();
        let mut live = plan.observed.get(&key).cloned();
        if live.is_none() && step.change == Change::Unchanged {
            // It has come between the look and the trial.
            live = retrying(&*cluster.clock(), || cluster.get(&key)).await.map_err(Failure::Cluster)?;
        }
        if let Some(live) = &live {
            done.found(live);
        }
    }
    let gates = Gates {
        started: cluster.clock().now(),
        redactor: plan.redactor,
        expected,
        asker: Asker::new(Arc::clone(&cluster), services),
        cluster,
        timeout: options.timeout,
        stop: options.stop.clone(),
        reporter,
        mirror,
        gated: Vec::new(),
        asks_all: false,
        shown: BTreeMap::new(),
    };
    let mut run = Run { gates, manifests: plan.wanted.manifests, done, observed: plan.observed };
    run.stages(plan.steps).await?;
    run.prune(plan.superseded).await?;
    Ok(Success::Deployed { components: run.gates.assess(), address })
}

impl Run<'_> {
    /// Every stage in order, each gated before the next. The namespace is there: the lock is in it.
    async fn stages(&mut self, steps: Vec<Step>) -> Result<(), Failure> {
        for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::Namespace) {
            let steps: Vec<_> = steps
                .iter()
                .filter(|step| step.manifest.stage == stage && !step.change.is_as_wanted())
                .cloned()
                .collect();
            let stage_started = !steps.is_empty();
            if stage_started {
                self.gates.check_stop()?;
                self.gates.reporter.report(Event::StageStarted(stage));
            }
            if stage == Stage::CouchDb && self.replaces_couchdb() {
                self.one_after_the_other(&steps).await?;
            } else {
                self.together(&steps).await?;
            }
            self.settle_claims(&steps).await?;
            self.gates.gated.extend(workloads(&self.manifests, stage));
            self.gates.wait_for_components().await?;
            if stage == Stage::CouchDb {
                self.retain_volumes().await?;
            }
        }
        Ok(())
    }

    /// Whether CouchDB runs already: its nodes are then replaced one at a time, so that the others go on serving.
    fn replaces_couchdb(&self) -> bool {
        self.manifests.stage(Stage::CouchDb).any(|manifest| self.observed.get(&manifest.object.key()).is_some())
    }

    async fn one_after_the_other(&mut self, steps: &[Step]) -> Result<(), Failure> {
        for step in steps {
            self.gates.check_stop()?;
            self.together(std::slice::from_ref(step)).await?;
            self.gates.gated.push(step.manifest.component);
            self.gates.wait_for_components().await?;
        }
        Ok(())
    }

    async fn together(&mut self, steps: &[Step]) -> Result<(), Failure> {
        let (jobs, others): (Vec<_>, Vec<_>) = steps.iter().partition(|step| step.manifest.object.kind() == Kind::Job);
        // Jobs first: once a claim is bound they are not run again, so they must be done before there is one.
        self.remove_jobs(&jobs).await?;
        self.apply(&jobs).await?;
        self.finish_jobs(&jobs).await?;
        self.apply(&others).await
    }

    /// Applies objects, some at the same time. After a failure, or when told to stop, no other is begun, and those in
    /// flight are finished: what they did is known.
    async fn apply(&mut self, steps: &[&Step]) -> Result<(), Failure> {
        let (halted, stop) = (AtomicBool::new(false), self.gates.stop.clone());
        let mut requests = Vec::new();
        for step in steps {
            let object = &step.manifest.object;
            let before = self.observed.get(&object.key());
            let applying = apply(&*self.gates.cluster, object, before, self.gates.reporter);
            let (halted, stop) = (&halted, &stop);
            let unless_halted = async move {
                if halted.load(Ordering::Relaxed) || stop.is_stopped() {
                    return None;
                }
                let answer = applying.await;
                halted.fetch_or(answer.is_err(), Ordering::Relaxed);
                Some(answer)
            };
            requests.push(unless_halted.boxed());
        }
        let answers: Vec<_> = stream::iter(requests).buffer_unordered(IN_PARALLEL).collect().await;
        let mut failure = Ok(());
        for answer in answers.into_iter().flatten() {
            match answer {
                Ok((live, change)) => self.take_in(&live, change),
                Err(error) => failure = failure.and(Err(Failure::Cluster(error))),
            }
        }
        failure?;
        self.gates.check_stop()
    }

    fn take_in(&mut self, live: &LiveObject, change: Applied) {
        self.done.applied(live, change);
        if live.kind() == Kind::Deployment
            && let Some(generation) = live.value().pointer("/metadata/generation").and_then(serde_json::Value::as_i64)
        {
            self.gates.expected.at_least(live.name(), generation);
        }
    }
}

fn workloads(manifests: &Manifests, stage: Stage) -> Vec<Component> {
    let deployments = manifests.stage(stage).filter(|manifest| matches!(manifest.object, Object::Deployment(_)));
    deployments.map(|manifest| manifest.component).collect()
}
