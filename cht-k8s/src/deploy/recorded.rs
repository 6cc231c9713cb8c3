//! One deploy around its work: refuses what must not be done, lets one run at a time begin, and writes down what it is about
//! to do and how it ended.

use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey, Stage};

use super::Options;
use super::apply::apply;
use super::run::carry_out;
use super::unchanged::ready;
use crate::doctor::preflight;
use crate::done::Done;
use crate::events::{Applied, Event, Failure, Outcome, PlannedStep, Success};
use crate::lock::{Lock, while_locked};
use crate::plan::{Change, Plan, PlanError, Step};
use crate::records::{Begin, Ledger, inventory_key};
use crate::run::Reporter;
use crate::{Cluster, ClusterError, RunId};

/// How long requests in flight may take after a run was told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How often a run plans anew because another was there before it had the lock.
const TRIES: usize = 3;

/// Runs a deploy, and reports how it ended.
pub(super) async fn run(cluster: Arc<dyn Cluster>, plan: Plan, options: Options, reporter: Reporter) {
    let started = cluster.clock().now();
    let before = plan.requests_before;
    let redactor = plan.redactor.clone();
    let mut done = Done::default();
    let deploy = Deploy { cluster: Arc::clone(&cluster), options, reporter: reporter.clone() };
    let result = deploy.run(plan, &mut done).await;
    let result = result.map_err(|failure| match failure {
        // Servers and their admission webhooks may repeat what they were sent.
        Failure::Cluster(error) => Failure::Cluster(redactor.redact_error(error)),
        other => other,
    });
    let duration = cluster.clock().now().duration_since(started).unsigned_abs();
    let requests = cluster.requests() - before;
    reporter.report(Event::Finished(Outcome { result, counts: done.counts, requests, duration }));
}

/// A deploy, before it is known whether there is anything to do.
struct Deploy {
    cluster: Arc<dyn Cluster>,
    options: Options,
    reporter: Reporter,
}

impl Deploy {
    async fn run(&self, plan: Plan, done: &mut Done) -> Result<Success, Failure> {
        self.accept(&plan)?;
        if let Some(success) = self.nothing_to_do(&plan, done).await {
            return Ok(success);
        }
        if self.options.stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        self.look_first(&plan).await?;
        let is_first = self.make_namespace(&plan, done).await?;
        let (namespace, project) = (plan.namespace().to_string(), plan.project().to_string());
        let run = self.options.run.clone();
        let lock = Lock {
            namespace: &namespace,
            project: &project,
            actor: &self.options.actor,
            run: &run,
            options: self.options.lock,
            reporter: &self.reporter,
            stop: &self.options.stop,
            is_first,
            goes: false,
        };
        while_locked(Arc::clone(&self.cluster), lock, |cluster| self.recorded(cluster, plan, &run, done)).await
    }

    /// Refuses a plan that must not be carried out; otherwise says what it is.
    fn accept(&self, plan: &Plan) -> Result<(), Failure> {
        let allowed = |rule: crate::DataRule| rule.can_be_allowed() && self.options.allow.contains(&rule);
        let risks: Vec<_> = plan.risks().iter().filter(|risk| !allowed(risk.rule)).cloned().collect();
        if !risks.is_empty() {
            return Err(Failure::DataSafety(risks));
        }
        let refusals = plan.refusals();
        if !refusals.is_empty() {
            return Err(Failure::Refused(refusals));
        }
        let steps = plan.steps().iter().map(|step| planned(plan, step)).collect();
        self.reporter.report(Event::Planned { hash: plan.hash(), steps, superseded: plan.superseded().to_vec() });
        for note in plan.notes() {
            self.reporter.report(Event::Note(note.clone()));
        }
        Ok(())
    }

    /// Refuses what the cluster is known not to let come about, before anything is written.
    async fn look_first(&self, plan: &Plan) -> Result<(), Failure> {
        if self.options.skip_preflight || plan.is_unchanged() {
            return Ok(());
        }
        let looked = self.options.stop.or(preflight(&*self.cluster, plan)).await.ok_or(Failure::Interrupted)?;
        match looked.map_err(Failure::Cluster)? {
            fatal if fatal.is_empty() => Ok(()),
            fatal => Err(Failure::Preflight(fatal)),
        }
    }

    /// Whether all is as wanted, ready, and on record: then nothing is written at all.
    async fn nothing_to_do(&self, plan: &Plan, done: &mut Done) -> Option<Success> {
        if !plan.is_unchanged() || !plan.is_on_record() {
            return None;
        }
        let success = ready(&self.cluster, plan, &self.reporter).await?;
        done.counts.unchanged = plan.steps().len();
        Some(success)
    }

    /// The lock and the records are in the namespace, so it comes before them. Tells whether it is new.
    async fn make_namespace(&self, plan: &Plan, done: &mut Done) -> Result<bool, Failure> {
        let mut is_new = false;
        let in_stage = plan.steps().iter().filter(|step| step.manifest.stage == Stage::Namespace);
        for step in in_stage.filter(|step| !step.change.is_as_wanted()) {
            self.reporter.report(Event::StageStarted(Stage::Namespace));
            let object = &step.manifest.object;
            let before = plan.observed.get(&object.key());
            let (live, change) =
                apply(&*self.cluster, object, before, &self.reporter).await.map_err(Failure::Cluster)?;
            is_new |= change == Applied::Created;
            done.applied(&live, change);
        }
        Ok(is_new)
    }

    async fn recorded(
        &self,
        cluster: Arc<dyn Cluster>,
        mut plan: Plan,
        run: &RunId,
        done: &mut Done,
    ) -> Result<Success, Failure> {
        let mut tries = TRIES;
        let ledger = loop {
            match self.begin(&cluster, &plan, run).await {
                Ok(ledger) => break ledger,
                Err(ClusterError::Changed { object, .. }) if is_inventory(&object, &plan) && tries > 0 => {
                    tries -= 1;
                    let changed = "another run has changed the instance since it was looked at: planning anew";
                    self.reporter.report(Event::Note(changed.to_owned()));
                    plan = self.plan_again(&cluster, &plan).await?;
                    if let Some(success) = self.nothing_to_do(&plan, done).await {
                        return Ok(success);
                    }
                }
                Err(error) => return Err(Failure::Cluster(error)),
            }
        };
        self.reporter.report(Event::RevisionStarted(ledger.number()));
        let clock = cluster.clock();
        let work = carry_out(Arc::clone(&cluster), plan, &self.options, &self.reporter, done);
        let result = self.options.stop.or_after(&*clock, GRACE, work).await.unwrap_or(Err(Failure::Interrupted));
        ledger.conclude(result, done).await
    }

    async fn begin(&self, cluster: &Arc<dyn Cluster>, plan: &Plan, run: &RunId) -> Result<Ledger, ClusterError> {
        let begin = Begin {
            action: plan.action(),
            version: plan.version().to_owned(),
            address: plan.address().to_owned(),
            actor: self.options.actor.clone(),
            run: run.clone(),
            manifests: plan.wanted.recorded(),
            in_new_namespace: makes_namespace(plan),
        };
        let (namespace, project) = (plan.namespace().as_str(), plan.project().as_str());
        let observed = plan.observed.get(&inventory_key(namespace, project));
        Ledger::begin(Arc::clone(cluster), (namespace, project), observed, begin).await
    }

    async fn plan_again(&self, cluster: &Arc<dyn Cluster>, plan: &Plan) -> Result<Plan, Failure> {
        let again = plan.again(&**cluster).await.map_err(|error| match error {
            PlanError::Cluster(error) => Failure::Cluster(error),
            PlanError::Stale(stale) => Failure::StalePlan(stale),
            other => Failure::NoPlan(other),
        })?;
        self.accept(&again)?;
        Ok(again)
    }
}

fn planned(plan: &Plan, step: &Step) -> PlannedStep {
    let object = step.manifest.object.key();
    PlannedStep {
        component: step.manifest.component,
        uid: plan.observed.get(&object).map(|live| live.uid().to_owned()),
        change: step.change.clone(),
        restarts: step.restarts,
        object,
    }
}

fn makes_namespace(plan: &Plan) -> bool {
    let mut steps = plan.steps().iter();
    steps.any(|step| step.manifest.object.kind() == Kind::Namespace && step.change == Change::Create)
}

fn is_inventory(object: &ObjectKey, plan: &Plan) -> bool {
    object.kind == Kind::ConfigMap && *object == inventory_key(plan.namespace().as_str(), plan.project().as_str())
}
