//! How a run ended, in the words of its record.

use super::ledger::Ledger;
use super::summary::RevisionOutcome;
use crate::done::Done;
use crate::events::{Failure, Success};

impl Ledger {
    /// Writes down how the run ended, and answers with that.
    ///
    /// # Errors
    ///
    /// Why the run failed; or, after one that did not, why that could not be written down.
    pub(crate) async fn conclude(self, result: Result<Success, Failure>, done: &Done) -> Result<Success, Failure> {
        let ended = self.end(outcome(&result), done).await;
        match (result, ended) {
            (Ok(success), Ok(())) => Ok(success),
            (Ok(_), Err(error)) => Err(Failure::Cluster(error)),
            // Whatever keeps the record from being written matters less than why the run failed.
            (Err(failure), _) => Err(failure),
        }
    }
}

/// How a run ended, in a word or two: texts from elsewhere may hold anything.
fn outcome(result: &Result<Success, Failure>) -> RevisionOutcome {
    let reason = match result {
        Ok(_) => return RevisionOutcome::Done,
        Err(Failure::Interrupted) => return RevisionOutcome::Interrupted,
        Err(Failure::Workload(broken)) => {
            let each: Vec<_> =
                broken.iter().map(|broken| format!("{}: {}", broken.component, broken.problem.code)).collect();
            each.join(", ")
        }
        Err(Failure::TimedOut(waiting)) => {
            let waiting: Vec<_> = waiting.iter().map(|health| health.component.to_string()).collect();
            format!("timed out, waiting for {}", waiting.join(", "))
        }
        Err(Failure::DataSafety(_) | Failure::NotConfirmed(_)) => "data safety".to_owned(),
        Err(Failure::CannotRestart(_)) => "not restartable".to_owned(),
        Err(Failure::StillStopping(_)) => "pods still stopping".to_owned(),
        Err(Failure::StillThere(_)) => "objects still being deleted".to_owned(),
        Err(Failure::Locked(_) | Failure::LockLost(_)) => "lock".to_owned(),
        Err(
            Failure::Preflight(_)
            | Failure::Refused(_)
            | Failure::Cluster(_)
            | Failure::NoPlan(_)
            | Failure::StalePlan(_),
        ) => "refused by the cluster".to_owned(),
    };
    RevisionOutcome::Failed { reason }
}
