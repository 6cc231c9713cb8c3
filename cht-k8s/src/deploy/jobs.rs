//! Jobs that prepare storage: run to their end, then removed, since a 4.x upgrade service refuses to work beside one.

use cht_manifests::ObjectKey;

use super::run::Run;
use crate::LiveObject;
use crate::events::{Event, Failure};
use crate::health::job::{JobState, state, uid};
use crate::plan::{Step, is_as_applied};
use crate::retry::retrying;

impl Run<'_> {
    /// Removes the Jobs that an earlier run left, but for those that are on their way to what is wanted.
    ///
    /// A controller that has just begun to make a Job's pod may take a new Job of the same name for the old one, and leave it
    /// without a pod for ever. So no Job is replaced that need not be.
    pub(super) async fn remove_jobs(&mut self, steps: &[&Step]) -> Result<(), Failure> {
        let replaced = steps.iter().filter(|step| !self.goes_on(step)).map(|step| step.manifest.object.key());
        let left: Vec<_> = replaced.filter(|key| self.gates.mirror.view.jobs.contains_key(&key.name)).collect();
        for key in &left {
            self.remove_job(key).await?;
        }
        self.wait_until_gone(&left).await
    }

    /// Waits until every Job is done, and removes it.
    pub(super) async fn finish_jobs(&mut self, steps: &[&Step]) -> Result<(), Failure> {
        let keys: Vec<_> = steps.iter().map(|step| step.manifest.object.key()).collect();
        let mut open = steps.to_vec();
        while !open.is_empty() {
            let mut running = Vec::new();
            for step in open {
                let key = step.manifest.object.key();
                match self.job_state(&key) {
                    Some(JobState::Done) => self.remove_job(&key).await?,
                    Some(JobState::Failed(problem)) => {
                        return Err(Failure::Workload(vec![
                            self.gates.break_down(step.manifest.component, &problem).await,
                        ]));
                    }
                    Some(JobState::Running) | None => running.push(step),
                }
            }
            open = running;
            if !open.is_empty() {
                self.gates.news(Vec::new()).await?;
            }
        }
        self.wait_until_gone(&keys).await
    }

    /// Whether an earlier run's Job may be waited for as if this run had made it.
    fn goes_on(&self, step: &Step) -> bool {
        let object = &step.manifest.object;
        let is_wanted = |live: &LiveObject| !live.is_terminating() && is_as_applied(live, &object.to_value());
        self.observed.get(&object.key()).is_some_and(is_wanted)
            && matches!(self.job_state(&object.key()), Some(JobState::Running | JobState::Done))
    }

    fn job_state(&self, key: &ObjectKey) -> Option<JobState> {
        let job = self.gates.mirror.view.jobs.get(&key.name)?;
        let namespace = key.namespace.as_deref().unwrap_or_default();
        Some(state(&self.gates.mirror.view, job, namespace, self.gates.cluster.clock().now()))
    }

    async fn remove_job(&mut self, key: &ObjectKey) -> Result<(), Failure> {
        self.gates.check_stop()?;
        let Some(uid) = self.gates.mirror.view.jobs.get(&key.name).map(|job| uid(job).to_owned()) else {
            return Ok(());
        };
        let cluster = &self.gates.cluster;
        let removed = retrying(&*cluster.clock(), || cluster.delete(key, &uid)).await.map_err(Failure::Cluster)?;
        if removed {
            self.done.removed(key);
            self.gates.reporter.report(Event::Removed { object: key.clone(), uid });
        }
        Ok(())
    }

    async fn wait_until_gone(&mut self, keys: &[ObjectKey]) -> Result<(), Failure> {
        while keys.iter().any(|key| self.gates.mirror.view.jobs.contains_key(&key.name)) {
            self.gates.news(Vec::new()).await?;
        }
        Ok(())
    }
}
