//! A gate that holds requests back until a test opens it.

use tokio::sync::watch;

/// Holds requests, or their answers, until it is opened.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<State>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    reached: usize,
    is_open: bool,
}

impl Gate {
    /// A closed gate.
    pub fn closed() -> Self {
        Self(watch::Sender::new(State::default()))
    }

    /// Lets everything through, now and later.
    pub fn open(&self) {
        self.0.send_modify(|state| state.is_open = true);
    }

    /// Waits until a request has come to the gate.
    pub async fn reached(&self) {
        self.wait_for(|state| state.reached > 0).await;
    }

    pub(super) async fn pass(&self) {
        self.0.send_modify(|state| state.reached += 1);
        self.wait_for(|state| state.is_open).await;
    }

    async fn wait_for(&self, holds: impl Fn(&State) -> bool) {
        // The sender lives as long as `self`, so this only ends when it holds.
        let _ = self.0.subscribe().wait_for(holds).await;
    }
}
