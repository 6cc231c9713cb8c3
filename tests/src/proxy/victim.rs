//! A program that is killed at one of its requests.

use tokio::sync::watch;

use crate::program::signal;

/// A program that may be killed. It is named once it runs: whatever kills it waits until then.
#[derive(Clone, Debug)]
pub struct Victim(watch::Sender<Option<u32>>);

impl Victim {
    /// A program that does not run yet.
    #[expect(clippy::new_without_default, reason = "a victim that nobody names keeps its killer waiting")]
    pub fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Names the program.
    pub fn is(&self, process: u32) {
        self.0.send_replace(Some(process));
    }

    /// Kills the program with SIGKILL: it executes nothing more.
    pub(super) async fn kill(&self) {
        let mut named = self.0.subscribe();
        // The sender lives as long as `self`.
        if let Ok(process) = named.wait_for(Option::is_some).await.map(|process| *process)
            && let Some(process) = process
        {
            signal(process, "KILL");
        }
    }
}
