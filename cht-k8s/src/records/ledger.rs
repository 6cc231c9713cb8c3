//! Writes down what a run is about to do, and how it ended.

use std::sync::Arc;

use cht_manifests::{Kind, Manifests, Needed, ObjectKey};
use futures::future::{join_all, try_join_all};
use k8s_openapi::jiff::Timestamp;

use super::inventory::{Inventory, Owned, inventory_key};
use super::revision::{Revision, digest, revision_key};
use super::summary::{Action, RevisionOutcome, RevisionSummary};
use crate::done::Done;
use crate::labels::{is_ours, is_record};
use crate::retry::{reaching, retrying};
use crate::{Actor, Cluster, ClusterError, Counts, LiveObject, RunId};

/// How often an inventory that others write at the same time is written anew.
const TRIES: usize = 5;

/// What is about to be done.
pub(crate) struct Begin {
    pub(crate) action: Action,
    pub(crate) version: String,
    pub(crate) address: String,
    pub(crate) actor: Actor,
    pub(crate) run: RunId,
    /// What is wanted, with secrets masked.
    pub(crate) manifests: Manifests,
    /// Whether this run has made the namespace: then there are no earlier records.
    pub(crate) in_new_namespace: bool,
}

/// The records of an instance while a run writes them.
pub(crate) struct Ledger {
    cluster: Arc<dyn Cluster>,
    namespace: String,
    project: String,
    live: LiveObject,
    inventory: Inventory,
    revision: Revision,
    record: LiveObject,
}

impl Ledger {
    /// Writes down that a run begins: from here on the instance owns what it owned and what is wanted.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Changed`] where the inventory is not the one that was `observed` any more: another run has been there.
    pub(crate) async fn begin(
        cluster: Arc<dyn Cluster>,
        (namespace, project): (&str, &str),
        observed: Option<&LiveObject>,
        begin: Begin,
    ) -> Result<Self, ClusterError> {
        let key = inventory_key(namespace, project);
        let mut inventory = observed.map(Inventory::read).transpose()?.unwrap_or_default();
        for revision in &mut inventory.revisions {
            if revision.outcome == RevisionOutcome::Applying {
                revision.outcome = RevisionOutcome::Interrupted;
            }
        }
        let number = match inventory.last() {
            Some(last) => last.number + 1,
            None if begin.in_new_namespace => 1,
            None => first_free_number(&*cluster, namespace, project).await?,
        };
        let summary = RevisionSummary {
            number,
            action: begin.action,
            version: begin.version,
            actor: begin.actor,
            run: begin.run,
            started: cluster.clock().now(),
            finished: None,
            outcome: RevisionOutcome::Applying,
            counts: Counts::default(),
            digest: digest(&begin.manifests),
            record: None,
        };
        inventory.revisions.push(summary.clone());
        let own = begin.manifests.iter().filter(|manifest| manifest.needed != Needed::Given);
        for manifest in own {
            let object = manifest.object.key();
            if !inventory.objects.iter().any(|owned| owned.key() == object) {
                inventory.objects.push(Owned::new(&object, None));
            }
        }
        let written = inventory.write(&key, project, observed);
        let is_ours = |found: &Inventory| found.last().is_some_and(|last| last.run == summary.run);
        let live = write(&*cluster, &written, |live| Inventory::read(live).is_ok_and(|found| is_ours(&found))).await?;

        let revision =
            Revision { summary, address: begin.address, changes: Vec::new(), manifests: Some(begin.manifests) };
        let object = revision.write(&revision_key(namespace, project, number), project, None)?;
        let is_ours = |found: &Revision| found.summary.run == revision.summary.run;
        let record = write(&*cluster, &object, |live| Revision::read(live).is_ok_and(|found| is_ours(&found))).await?;
        let (namespace, project) = (namespace.to_owned(), project.to_owned());
        Ok(Self { cluster, namespace, project, live, inventory, revision, record })
    }

    /// The revision's number.
    pub(crate) fn number(&self) -> u32 {
        self.revision.summary.number
    }

    /// Writes down how the run ended. What it does not know of the instance's objects stays as
    /// it was written down.
    ///
    /// # Errors
    ///
    /// When the records cannot be written; the next run then takes this one for interrupted.
    pub(crate) async fn end(mut self, outcome: RevisionOutcome, done: &Done) -> Result<(), ClusterError> {
        let summary = &mut self.revision.summary;
        summary.finished = Some(ended(&*self.cluster, summary.started));
        summary.outcome = outcome;
        summary.counts = done.counts;
        self.revision.changes.clone_from(&done.changes);
        let key = revision_key(&self.namespace, &self.project, self.revision.summary.number);
        let object = self.revision.write(&key, &self.project, Some(&self.record))?;
        let written = retrying(&*self.cluster.clock(), || self.cluster.replace(&object)).await;
        // Someone has removed or edited the record: it is history, and must not fail the run.
        let record = match written {
            Ok(live) => Some(live),
            Err(ClusterError::Changed { .. }) => None,
            Err(error) => return Err(error),
        };

        let summary =
            RevisionSummary { record: record.map(|live| live.uid().to_owned()), ..self.revision.summary.clone() };
        let mut forgotten = Vec::new();
        for _ in 0..TRIES {
            self.inventory.objects.retain(|object| !done.gone.contains(&object.key()));
            for (key, uid) in &done.owned {
                match self.inventory.objects.iter_mut().find(|object| object.key() == *key) {
                    Some(known) => known.uid = Some(uid.clone()),
                    None => self.inventory.objects.push(Owned::new(key, Some(uid.clone()))),
                }
            }
            if let Some(line) = self.inventory.revisions.iter_mut().find(|line| line.number == summary.number) {
                line.clone_from(&summary);
            }
            forgotten.extend(self.inventory.forget());
            let key = inventory_key(&self.namespace, &self.project);
            let object = self.inventory.write(&key, &self.project, Some(&self.live));
            match retrying(&*self.cluster.clock(), || self.cluster.replace(&object)).await {
                Err(ClusterError::Changed { .. }) => {
                    let found = retrying(&*self.cluster.clock(), || self.cluster.get(&key)).await?;
                    let Some(live) = found else { break };
                    self.inventory = Inventory::read(&live)?;
                    self.live = live;
                }
                answer => {
                    answer?;
                    break;
                }
            }
        }
        self.remove(&forgotten).await;
        Ok(())
    }

    /// Deletes everything that is remembered of the instance: the revisions, then the inventory. Nothing may be written after
    /// it.
    ///
    /// # Errors
    ///
    /// When something cannot be deleted. The inventory goes after all others, so the same run can be done again.
    pub(crate) async fn erase(self) -> Result<(), ClusterError> {
        let clock = self.cluster.clock();
        let listing = retrying(&*clock, || self.cluster.list(Kind::ConfigMap, Some(&self.namespace))).await?;
        let is_of_project =
            |object: &&LiveObject| is_record(&object.key(), &self.project) && is_ours(object, &self.project);
        let (inventory, revisions): (Vec<_>, Vec<_>) =
            listing.items.iter().filter(is_of_project).partition(|object| object.key() == self.live.key());
        for step in [revisions, inventory] {
            try_join_all(step.into_iter().map(async |object: &LiveObject| {
                let key = object.key();
                retrying(&*clock, || self.cluster.delete(&key, object.uid())).await
            }))
            .await?;
        }
        Ok(())
    }

    /// Removes the records of revisions that are forgotten. One that cannot be removed is in nobody's way.
    async fn remove(&self, forgotten: &[RevisionSummary]) {
        let removals = forgotten.iter().map(async |revision| {
            let key = revision_key(&self.namespace, &self.project, revision.number);
            let uid = match &revision.record {
                Some(uid) => Some(uid.clone()),
                None => self.unfinished(&key, revision).await,
            };
            if let Some(uid) = uid {
                let _ = reaching(&*self.cluster.clock(), || self.cluster.delete(&key, &uid)).await;
            }
        });
        join_all(removals).await;
    }

    /// The record of a run that was cut short before it could tell which object that is.
    async fn unfinished(&self, key: &ObjectKey, revision: &RevisionSummary) -> Option<String> {
        let found = reaching(&*self.cluster.clock(), || self.cluster.get(key)).await.ok().flatten()?;
        let is_its_own = Revision::read(&found).is_ok_and(|record| record.summary.run == revision.run);
        is_its_own.then(|| found.uid().to_owned())
    }
}

/// Clocks may be set back while a run goes on.
fn ended(cluster: &dyn Cluster, started: Timestamp) -> Timestamp {
    cluster.clock().now().max(started)
}

/// Without an inventory there may still be records of earlier revisions.
async fn first_free_number(cluster: &dyn Cluster, namespace: &str, project: &str) -> Result<u32, ClusterError> {
    let listing = retrying(&*cluster.clock(), || cluster.list(Kind::ConfigMap, Some(namespace))).await?;
    let prefix = format!("cht.{project}.r");
    let numbers = listing.items.iter().filter_map(|object| object.name().strip_prefix(&prefix)?.parse::<u32>().ok());
    Ok(numbers.max().map_or(1, |last| last + 1))
}

/// Makes an object, or replaces the version that was read; a write whose answer was lost, and that `is_ours`, counts.
async fn write(
    cluster: &dyn Cluster,
    object: &LiveObject,
    is_ours: impl Fn(&LiveObject) -> bool,
) -> Result<LiveObject, ClusterError> {
    let clock = cluster.clock();
    let written = if object.resource_version().is_empty() {
        retrying(&*clock, || cluster.create(object)).await
    } else {
        retrying(&*clock, || cluster.replace(object)).await
    };
    match written {
        Err(changed @ ClusterError::Changed { .. }) => {
            let key = object.key();
            let found = retrying(&*clock, || cluster.get(&key)).await?;
            found.filter(is_ours).ok_or(changed)
        }
        written => written,
    }
}
