//! Lets new claims find their volumes before pods ask for them.
//!
//! A pod that is scheduled while a claim of it is unbound is put back by the scheduler, for seconds. Most claims are bound
//! within a few milliseconds, so waiting for them is faster than not waiting.

use std::time::Duration;

use cht_manifests::Kind;

use super::run::Run;
use crate::events::Failure;
use crate::health::{claim_is_settled, claim_problem};
use crate::plan::{Change, Step};

/// A volume that takes longer is being made somewhere: its pod may as well wait for it.
const PATIENCE: Duration = Duration::from_secs(5);

impl Run<'_> {
    /// Waits until new claims are bound, wait for their first consumer, or take too long to wait for.
    pub(super) async fn settle_claims(&mut self, steps: &[Step]) -> Result<(), Failure> {
        let new: Vec<_> = steps
            .iter()
            .filter(|step| step.change == Change::Create && step.manifest.object.kind() == Kind::PersistentVolumeClaim)
            .map(|step| step.manifest.object.name().to_owned())
            .collect();
        let clock = self.gates.cluster.clock();
        let until = clock.now() + PATIENCE;
        while clock.now() < until && !new.iter().all(|claim| self.is_settled(claim)) {
            let left = until.duration_since(clock.now()).unsigned_abs();
            self.gates.news_within(left, Vec::new()).await?;
        }
        Ok(())
    }

    /// A claim that cannot be bound is settled, too: the health of its component says so.
    fn is_settled(&self, claim: &str) -> bool {
        let view = &self.gates.mirror.view;
        view.claims.get(claim).is_some_and(|claim| {
            claim_is_settled(view, claim) || claim_problem(view, claim, &self.gates.expected.namespace).is_some()
        })
    }
}
