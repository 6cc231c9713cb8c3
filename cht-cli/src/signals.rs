//! Interruptions from the keyboard and from whoever manages this process.
//!
//! They are listened to by a thread of its own: the rest of the process may be waiting for a file, a person, or a program
//! that hands out credentials.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, Once, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use cht_k8s::Stop;

use crate::event_lines;
use crate::exit::Exit;
use crate::output::explain;

/// How long something may take to be written: whoever reads it may stand still, and the next signal must be heard.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which signal told the run to stop; [`Exit::Interrupted`] until one has.
static STOPPED_BY: AtomicU8 = AtomicU8::new(Exit::Interrupted as u8);

/// What the first signal stops.
static RUN: Mutex<Option<Run>> = Mutex::new(None);

struct Run {
    stop: Stop,
    announcement: Option<&'static str>,
}

/// Tells a run to stop at the first signal, and ends the process at the second.
pub(crate) fn stop_on_signals(stop: Stop) {
    let announcement = Some("stopping: requests in flight are finished; once more ends at once");
    on_signals(Run { stop, announcement });
}

/// Tells a run to stop at the first signal, without a word: it has nothing to finish.
pub(crate) fn end_on_signals(stop: Stop) {
    on_signals(Run { stop, announcement: None });
}

fn on_signals(run: Run) {
    *RUN.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
    listen();
}

/// How an interrupted run ends.
pub(crate) fn interrupted() -> Exit {
    if STOPPED_BY.load(Ordering::Relaxed) == Exit::Terminated.code() { Exit::Terminated } else { Exit::Interrupted }
}

/// From now on signals are listened to. As long as there is no run to be stopped, the first one ends the process.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let (listening, is_listening) = mpsc::channel();
        // Where there can be no thread, a signal ends the process by itself.
        if thread::Builder::new().name("signals".to_owned()).spawn(move || take_signals(&listening)).is_ok() {
            let _ = is_listening.recv();
        }
    });
}

fn take_signals(listening: &mpsc::Sender<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let Some(mut signals) = Signals::new() else { return };
        let _ = listening.send(());
        loop {
            let exit = signals.next().await;
            STOPPED_BY.store(exit.code(), Ordering::Relaxed);
            match RUN.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(run) => {
                    if let Some(announcement) = run.announcement {
                        let _ = patiently(move || explain(announcement));
                    }
                    run.stop.stop();
                }
                None => end_at_once(exit),
            }
        }
    });
}

/// Ends the process, after the last line of its events if it writes some.
fn end_at_once(exit: Exit) -> ! {
    let exit = patiently(move || event_lines::ensure_ended(exit)).unwrap_or(exit);
    std::process::exit(exit.code().into());
}

/// What the writing of something gives, unless it takes too long.
fn patiently<T: Send + 'static>(write: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (written, is_written) = mpsc::channel();
    let writer = move || {
        let _ = written.send(write());
    };
    thread::Builder::new().spawn(writer).ok().and_then(|_| is_written.recv_timeout(PATIENCE).ok())
}

/// The signals that this process takes.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Nothing where they cannot be taken: then they end the process by themselves. Needs a tokio runtime.
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let (interrupt, terminate) = (signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?);
        Some(Self { interrupt, terminate })
    }

    /// Waits for one, and answers with how the command then ends.
    async fn next(&mut self) -> Exit {
        use futures::future::{Either, select};

        match select(Box::pin(self.terminate.recv()), Box::pin(self.interrupt.recv())).await {
            Either::Left(_) => Exit::Terminated,
            Either::Right(_) => Exit::Interrupted,
        }
    }
}

/// The signals that this process takes.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Self)
    }

    /// Waits for one, and answers with how the command then ends.
    async fn next(&mut self) -> Exit {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the signal ends the process by itself.
            futures::future::pending::<()>().await;
        }
        Exit::Interrupted
    }
}
