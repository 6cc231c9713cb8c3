//! Asks again where that may help: connections that break, servers that are busy.

use std::future::Future;
use std::time::Duration;

use crate::{Clock, ClusterError};

/// For how long a request is tried again in the middle of a run: giving up leaves it half done.
const TRY_FOR: Duration = Duration::from_mins(1);
/// For how long a request is tried again before anything was changed: a wrong address should show soon.
const TRY_TO_REACH_FOR: Duration = Duration::from_secs(5);
/// How often an object may be written by others in between.
const TRIES: usize = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The answer of `ask`, asked again after growing pauses for up to a minute while the error is transient.
///
/// Every request of this project may be repeated: an apply has the same result twice, a delete names the object's UID.
///
/// # Errors
///
/// The last error.
pub(crate) async fn retrying<T, F>(clock: &dyn Clock, ask: impl FnMut() -> F) -> Result<T, ClusterError>
where
    F: Future<Output = Result<T, ClusterError>>,
{
    retrying_for(TRY_FOR, clock, ask).await
}

/// As [`retrying`], for a few seconds only: the first requests of a command.
///
/// # Errors
///
/// The last error.
pub(crate) async fn reaching<T, F>(clock: &dyn Clock, ask: impl FnMut() -> F) -> Result<T, ClusterError>
where
    F: Future<Output = Result<T, ClusterError>>,
{
    retrying_for(TRY_TO_REACH_FOR, clock, ask).await
}

/// The answer of `ask`, asked again a few times while others write the object in between. For requests that look at the object
/// anew each time, as the server itself does for an apply: it gives up when it was overtaken too often.
///
/// # Errors
///
/// The last error.
pub(crate) async fn unless_changed<T, F>(mut ask: impl FnMut() -> F) -> Result<T, ClusterError>
where
    F: Future<Output = Result<T, ClusterError>>,
{
    let mut answer = ask().await;
    for _ in 1..TRIES {
        if !matches!(answer, Err(ClusterError::Changed { .. })) {
            break;
        }
        answer = ask().await;
    }
    answer
}

async fn retrying_for<T, F>(try_for: Duration, clock: &dyn Clock, mut ask: impl FnMut() -> F) -> Result<T, ClusterError>
where
    F: Future<Output = Result<T, ClusterError>>,
{
    let started = clock.now();
    let mut waited = Duration::ZERO;
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = ask().await;
        // A server that never answers takes its time, too. Clocks that are set back must not make that endless.
        let passed = Duration::try_from(clock.now().duration_since(started)).unwrap_or_default().max(waited);
        match answer {
            Err(error) if error.is_transient() && passed < try_for => {
                let wait = asked_to_wait(&error).unwrap_or(pause).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                clock.sleep(wait).await;
                waited += wait;
                pause = jittered(pause * 2).min(LONGEST_PAUSE);
            }
            answer => return answer,
        }
    }
}

fn asked_to_wait(error: &ClusterError) -> Option<Duration> {
    match error {
        ClusterError::Unavailable { retry_after, .. } => *retry_after,
        _ => None,
    }
}

/// Up to a quarter shorter, so that many deploys that lost one server do not come back together.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0];
    // Without randomness the pauses are only less spread out.
    let share = getrandom::fill(&mut byte).map_or(0, |()| u32::from(byte[0]));
    pause.saturating_sub(pause / 1024 * share)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use futures::executor::block_on;
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    #[derive(Default)]
    struct Slept(Mutex<Vec<Duration>>);

    #[async_trait]
    impl Clock for Slept {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        async fn sleep(&self, duration: Duration) {
            self.0.lock().expect("not poisoned").push(duration);
        }
    }

    fn busy(retry_after: Option<Duration>) -> ClusterError {
        ClusterError::Unavailable { status: 503, message: "busy".to_owned(), retry_after }
    }

    #[test]
    fn gives_up_after_a_minute_and_never_pauses_long() {
        let clock = Slept::default();
        let answer: Result<(), _> = block_on(retrying(&clock, async || Err(busy(None))));
        assert_eq!(answer, Err(busy(None)));
        let slept = clock.0.lock().expect("not poisoned");
        assert!(slept.iter().all(|pause| *pause <= LONGEST_PAUSE), "{slept:?}");
        let total: Duration = slept.iter().sum();
        assert!((TRY_FOR..TRY_FOR + LONGEST_PAUSE).contains(&total), "{total:?}");
    }

    #[test]
    fn waits_as_long_as_the_server_asks() {
        let clock = Slept::default();
        let mut answers = vec![Ok(7), Err(busy(Some(Duration::from_secs(3))))];
        let answer = block_on(retrying(&clock, || {
            let answer = answers.pop().expect("two answers");
            async move { answer }
        }));
        assert_eq!(answer, Ok(7));
        assert_eq!(*clock.0.lock().expect("not poisoned"), [Duration::from_secs(3)]);
    }

    #[test]
    fn refusals_are_final() {
        let clock = Slept::default();
        let refusal = ClusterError::Unauthorized { message: "who?".to_owned() };
        let answer: Result<(), _> = block_on(retrying(&clock, || {
            let refusal = refusal.clone();
            async move { Err(refusal) }
        }));
        assert_eq!(answer, Err(refusal));
        assert!(clock.0.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn an_object_that_others_write_is_asked_for_a_few_times() {
        let object = cht_manifests::ObjectKey::new(cht_manifests::Kind::Service, "ns", "api");
        let changed =
            ClusterError::Changed { object, message: "please apply your changes to the latest version".to_owned() };
        let ask = |failing: usize| {
            let (mut asked, changed) = (0, &changed);
            let answer = block_on(unless_changed(|| {
                asked += 1;
                let answer = if asked > failing { Ok(asked) } else { Err(changed.clone()) };
                async move { answer }
            }));
            (answer, asked)
        };
        assert_eq!(ask(0), (Ok(1), 1));
        assert_eq!(ask(2), (Ok(3), 3));
        assert_eq!(ask(99), (Err(changed.clone()), TRIES));
    }

    #[test]
    fn a_server_that_takes_long_to_fail_is_asked_less_often() {
        struct Passing(Mutex<Timestamp>);
        #[async_trait]
        impl Clock for Passing {
            fn now(&self) -> Timestamp {
                *self.0.lock().expect("not poisoned")
            }

            async fn sleep(&self, duration: Duration) {
                *self.0.lock().expect("not poisoned") += duration;
            }
        }
        let clock = Passing(Mutex::new(Timestamp::UNIX_EPOCH));
        let mut asked = 0;
        let answer: Result<(), _> = block_on(retrying(&clock, || {
            asked += 1;
            let clock = &clock;
            async move {
                clock.sleep(Duration::from_secs(30)).await;
                Err(ClusterError::Unreachable { reason: "no answer within 30 seconds".to_owned() })
            }
        }));
        assert!(answer.is_err());
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_server_that_asks_for_no_pause_gets_one() {
        let clock = Slept::default();
        let answer: Result<(), _> = block_on(retrying(&clock, async || Err(busy(Some(Duration::ZERO)))));
        assert!(answer.is_err());
        assert!(clock.0.lock().expect("not poisoned").iter().all(|pause| *pause == FIRST_PAUSE));
    }
}
