//! Removes what the instance does not want any more, after everything that it wants is ready.

use super::run::Run;
use crate::ClusterError;
use crate::events::{Event, Failure};
use crate::plan::{Fate, Superseded};
use crate::retry::retrying;

impl Run<'_> {
    /// Removes what the plan proved to be the instance's own and not wanted, and nothing else.
    pub(super) async fn prune(&mut self, superseded: Vec<Superseded>) -> Result<(), Failure> {
        for Superseded { object, fate } in superseded {
            let Fate::Prune { uid } = fate else { continue };
            self.gates.check_stop()?;
            let cluster = &self.gates.cluster;
            match retrying(&*cluster.clock(), || cluster.delete(&object, &uid)).await {
                Ok(true) => {
                    self.done.removed(&object);
                    self.gates.reporter.report(Event::Removed { object, uid });
                }
                Ok(false) => self.done.gone.push(object),
                // Another object has taken the name since: that one is not this instance's.
                Err(ClusterError::Changed { .. }) => {}
                Err(error) => return Err(Failure::Cluster(error)),
            }
        }
        Ok(())
    }
}
