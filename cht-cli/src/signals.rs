//! Interruptions from the keyboard and from whoever manages this process.

use std::sync::atomic::{AtomicU8, Ordering};

use cht_k8s::Stop;

use crate::exit::Exit;
use crate::output::explain;

/// Which signal told the run to stop; [`Exit::Interrupted`] until one has.
static STOPPED_BY: AtomicU8 = AtomicU8::new(Exit::Interrupted as u8);

/// Tells a run to stop at the first signal, and ends the process at the second. Needs a tokio runtime.
pub(crate) fn stop_on_signals(stop: Stop) {
    tokio::spawn(async move {
        let exit = signal().await;
        STOPPED_BY.store(exit.code(), Ordering::Relaxed);
        explain("stopping: requests in flight are finished; once more ends at once");
        stop.stop();
        signal().await;
        std::process::exit(exit.code().into());
    });
}

/// How an interrupted run ends.
pub(crate) fn interrupted() -> Exit {
    if STOPPED_BY.load(Ordering::Relaxed) == Exit::Terminated.code() { Exit::Terminated } else { Exit::Interrupted }
}

/// Waits for a signal, and answers with how the command then ends. Needs a tokio runtime.
#[cfg(unix)]
pub(crate) async fn signal() -> Exit {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return keyboard().await };
    let terminated = Box::pin(terminate.recv());
    match futures::future::select(terminated, Box::pin(keyboard())).await {
        futures::future::Either::Left(_) => Exit::Terminated,
        futures::future::Either::Right(_) => Exit::Interrupted,
    }
}

/// Waits for a signal, and answers with how the command then ends. Needs a tokio runtime.
#[cfg(not(unix))]
pub(crate) async fn signal() -> Exit {
    keyboard().await
}

async fn keyboard() -> Exit {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the signal ends the process by itself.
        futures::future::pending::<()>().await;
    }
    Exit::Interrupted
}
