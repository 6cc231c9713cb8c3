//! Removes what an instance runs, kind by kind, and waits until its pods have stopped.

use cht_manifests::Kind;
use futures::future::join_all;

use super::found::{Found, REMOVED};
use super::leaving::{Left, until_gone};
use super::run::Removal;
use crate::events::{Event, Failure};
use crate::labels::is_ours;
use crate::retry::retrying;
use crate::{ClusterError, LiveObject};

impl Removal<'_> {
    /// Removes what the instance runs. Pods get the time that they need to stop.
    pub(super) async fn remove_workloads(&mut self, found: &Found) -> Result<(), Failure> {
        for kind in REMOVED {
            self.check_stop()?;
            self.remove(found.parts(kind)).await?;
        }
        for stranger in found.parts_of_others() {
            let key = stranger.key();
            self.reporter.report(Event::Note(format!("{key} was not deployed by this tool, and is left as it is")));
        }
        let is_ours = |pod: &LiveObject| is_ours(pod, self.project);
        match until_gone(&self.cluster, (Kind::Pod, self.namespace), (self.deadline, &self.options.stop), is_ours)
            .await?
        {
            Left::Nothing => Ok(()),
            Left::Objects(pods) => Err(Failure::StillStopping(pods.into_iter().map(|pod| pod.name).collect())),
        }
    }

    /// Removes objects, all at the same time.
    pub(super) async fn remove(&mut self, objects: impl Iterator<Item = &LiveObject>) -> Result<(), Failure> {
        // All are finished, also when one fails: what they did is known.
        let mut failure = Ok(());
        let cluster = &self.cluster;
        let removals = objects.map(async |object| {
            let key = object.key();
            let answer = retrying(&*cluster.clock(), || cluster.delete(&key, object.uid())).await;
            (key, object.uid().to_owned(), answer)
        });
        for (key, uid, answer) in join_all(removals).await {
            match answer {
                Ok(true) => {
                    // What holds data may take its time to go, and a run that is cut short must know it again.
                    if key.kind.holds_data() {
                        self.done.deleting(&key);
                    } else {
                        self.done.removed(&key);
                    }
                    self.reporter.report(Event::Removed { object: key, uid });
                }
                Ok(false) => self.done.gone.push(key),
                // Another object has taken the name since: that one is not what was found.
                Err(ClusterError::Changed { .. }) => {}
                Err(error) => failure = failure.and(Err(Failure::Cluster(error))),
            }
        }
        failure
    }
}
