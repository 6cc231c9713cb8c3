//! One uninstall from its first look to its outcome: under the lock, and recorded.

use std::sync::Arc;
use std::time::Duration;

use cht_manifests::ObjectKey;
use cht_model::Instance;
use k8s_openapi::jiff::Timestamp;

use super::data::Data;
use super::found::Found;
use super::options::{DataFate, UninstallOptions};
use crate::done::Done;
use crate::events::{Event, Failure, Outcome, Success};
use crate::lock::{Lock, while_locked};
use crate::records::{Action, Begin, Ledger, inventory_key};
use crate::run::Reporter;
use crate::{Cluster, ClusterError, RunId};

/// How long requests in flight may take after a run was told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How often a run looks anew because another was there before it had the lock.
const TRIES: usize = 3;

/// Runs an uninstall, and reports how it ended.
pub(super) async fn run(cluster: Arc<dyn Cluster>, instance: Instance, options: UninstallOptions, reporter: Reporter) {
    let started = cluster.clock().now();
    let before = cluster.requests();
    let mut done = Done::default();
    let uninstall = Uninstall { cluster: Arc::clone(&cluster), instance, options, reporter: reporter.clone() };
    let result = uninstall.run(&mut done).await;
    let duration = cluster.clock().now().duration_since(started).unsigned_abs();
    let requests = cluster.requests() - before;
    reporter.report(Event::Finished(Outcome { result, counts: done.counts, requests, duration }));
}

/// An uninstall, before it is known whether there is anything to do.
struct Uninstall {
    cluster: Arc<dyn Cluster>,
    instance: Instance,
    options: UninstallOptions,
    reporter: Reporter,
}

impl Uninstall {
    async fn run(&self, done: &mut Done) -> Result<Success, Failure> {
        if let DataFate::Delete(confirmed) = &self.options.data {
            confirmed.is_for(&self.instance).map_err(Failure::NotConfirmed)?;
        }
        let found = self.look(&*self.cluster).await?;
        if let Some(success) = self.nothing_to_do(&found) {
            return Ok(success);
        }
        if self.options.stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        let run = &self.options.run;
        let lock = Lock {
            namespace: self.instance.namespace().as_str(),
            project: self.instance.project().as_str(),
            actor: &self.options.actor,
            run,
            options: self.options.lock,
            reporter: &self.reporter,
            stop: &self.options.stop,
            is_first: false,
            goes: self.options.data.is_deleted(),
        };
        while_locked(Arc::clone(&self.cluster), lock, |cluster| self.recorded(cluster, found, run, done)).await
    }

    async fn look(&self, cluster: &dyn Cluster) -> Result<Found, Failure> {
        Found::look(cluster, &self.instance, &self.options.data).await.map_err(Failure::Cluster)
    }

    fn data_of(&self, found: &Found) -> Data {
        Data::of(found, self.instance.namespace().as_str(), self.instance.project().as_str())
    }

    /// Where nothing is there to be removed, nothing is written at all.
    fn nothing_to_do(&self, found: &Found) -> Option<Success> {
        if !found.runs_nothing() {
            return None;
        }
        match &self.options.data {
            DataFate::Keep => Some(Success::Uninstalled { kept: found.kept(self.instance.namespace().as_str()) }),
            DataFate::Delete(_) => {
                let data = self.data_of(found);
                (found.is_forgotten() && data.is_empty()).then(|| data.into_success(Vec::new()))
            }
        }
    }

    async fn recorded(
        &self,
        cluster: Arc<dyn Cluster>,
        mut found: Found,
        run: &RunId,
        done: &mut Done,
    ) -> Result<Success, Failure> {
        let mut tries = TRIES;
        let ledger = loop {
            match self.begin(&cluster, &found, run).await {
                Ok(ledger) => break ledger,
                Err(ClusterError::Changed { object, .. }) if self.is_inventory(&object) && tries > 0 => {
                    tries -= 1;
                    let changed = "another run has changed the instance since it was looked at: looking anew";
                    self.reporter.report(Event::Note(changed.to_owned()));
                    found = self.look(&*cluster).await?;
                    if let Some(success) = self.nothing_to_do(&found) {
                        return Ok(success);
                    }
                }
                Err(error) => return Err(Failure::Cluster(error)),
            }
        };
        self.reporter.report(Event::RevisionStarted(ledger.number()));
        let clock = cluster.clock();
        let work = self.carry_out(Arc::clone(&cluster), &found, done);
        let result = self.options.stop.or_after(&*clock, GRACE, work).await.unwrap_or(Err(Failure::Interrupted));
        match result {
            // What is remembered goes last: until then the same command knows what is left to do.
            Ok(success @ Success::DataDeleted { .. }) => {
                ledger.erase().await.map_err(Failure::Cluster)?;
                Ok(success)
            }
            result => ledger.conclude(result, done).await,
        }
    }

    async fn begin(&self, cluster: &Arc<dyn Cluster>, found: &Found, run: &RunId) -> Result<Ledger, ClusterError> {
        let begin = Begin {
            action: Action::Uninstall,
            version: self.instance.version().to_owned(),
            address: self.instance.address(),
            actor: self.options.actor.clone(),
            run: run.clone(),
            // Nothing is wanted.
            manifests: [].into_iter().collect(),
            in_new_namespace: false,
        };
        let place = (self.instance.namespace().as_str(), self.instance.project().as_str());
        Ledger::begin(Arc::clone(cluster), place, found.inventory_object.as_ref(), begin).await
    }

    fn is_inventory(&self, object: &ObjectKey) -> bool {
        *object == inventory_key(self.instance.namespace().as_str(), self.instance.project().as_str())
    }

    async fn carry_out(&self, cluster: Arc<dyn Cluster>, found: &Found, done: &mut Done) -> Result<Success, Failure> {
        let deadline = cluster.clock().now() + self.options.timeout;
        let (namespace, project) = (self.instance.namespace().as_str(), self.instance.project().as_str());
        let mut removal =
            Removal { cluster, namespace, project, deadline, options: &self.options, reporter: &self.reporter, done };
        removal.remove_workloads(found).await?;
        let success = if self.options.data.is_deleted() {
            removal.delete_data(self.data_of(found)).await?
        } else {
            Success::Uninstalled { kept: found.kept(namespace) }
        };
        removal.forget_what_is_gone(found);
        Ok(success)
    }
}

/// What an uninstall knows while it removes.
pub(super) struct Removal<'a> {
    pub(super) cluster: Arc<dyn Cluster>,
    pub(super) namespace: &'a str,
    pub(super) project: &'a str,
    pub(super) deadline: Timestamp,
    pub(super) options: &'a UninstallOptions,
    pub(super) reporter: &'a Reporter,
    pub(super) done: &'a mut Done,
}

impl Removal<'_> {
    pub(super) fn check_stop(&self) -> Result<(), Failure> {
        if self.options.stop.is_stopped() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// What the inventory has and nobody found is not there: what holds data alone is owned from now on.
    fn forget_what_is_gone(&mut self, found: &Found) {
        let owned = found.inventory.objects.iter().filter(|owned| !owned.kind.holds_data());
        self.done.gone.extend(owned.map(crate::records::Owned::key));
    }
}
