//! How long things take on a node.

use std::time::Duration;

/// The first pull of an image.
pub(super) const PULL: Duration = Duration::from_secs(2);
/// Asking a registry for an image that is there already.
pub(super) const PULL_AGAIN: Duration = Duration::from_millis(100);
/// From the pull until the process runs.
pub(super) const START: Duration = Duration::from_millis(300);
/// From when the process runs until its readiness probe succeeds.
pub(super) const READY: Duration = Duration::from_millis(500);
/// The same for CouchDB.
pub(super) const READY_COUCHDB: Duration = Duration::from_secs(1);
/// How long a process runs that ends by itself.
pub(super) const RUN: Duration = Duration::from_millis(500);
/// How long a process still runs that is told to crash.
pub(super) const CRASH: Duration = Duration::from_secs(1);
/// How long a container takes to stop when it is asked to.
pub(crate) const STOP: Duration = Duration::from_secs(1);
/// From a failure until the kubelet says that it is backing off.
pub(super) const NOTICE_BACK_OFF: Duration = Duration::from_secs(1);
/// The first pause before trying again; each further one is twice as long.
const BACK_OFF: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(5);
/// Between two tries that fail for want of a Secret, a volume or readiness.
pub(super) const RETRY: Duration = Duration::from_secs(10);

/// The pause after so many tries.
pub(super) fn back_off(attempt: u32) -> Duration {
    BACK_OFF.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let seconds: Vec<_> = (0..7).map(|attempt| back_off(attempt).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
    }
}
