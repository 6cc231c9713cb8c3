//! What the sandbox, its clock and its watches have in common.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::file::StateFile;
use super::waiting::{Waiters, WaitsFor};
use super::world::World;
use super::{SandboxError, file};

/// The state behind a sandbox.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    file: Option<StateFile>,
    requests: AtomicU64,
}

#[derive(Debug)]
struct State {
    world: World,
    waiters: Waiters,
}

impl Shared {
    pub(crate) fn new(world: World, file: Option<StateFile>) -> Arc<Self> {
        let state = Mutex::new(State { world, waiters: Waiters::default() });
        Arc::new(Self { state, file, requests: AtomicU64::new(0) })
    }

    /// Nothing that holds the lock can leave the state half changed, so that a panic elsewhere does no harm to it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.lock().world)
    }

    /// Changes the cluster, and wakes everyone who may have waited for it.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut state = self.lock();
        let answer = change(&mut state.world);
        let wakers = state.waiters.wakers();
        drop(state);
        wake(wakers);
        answer
    }

    /// Writes the state file, if there is one.
    pub(crate) fn save(&self) -> Result<(), SandboxError> {
        match &self.file {
            Some(file) => file.write(&file::text(&self.lock().world)),
            None => Ok(()),
        }
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// A place in the queue of those who wait; given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    shared: Arc<Shared>,
    number: u64,
}

impl Place {
    pub(crate) fn new(shared: Arc<Shared>, waits_for: WaitsFor) -> Self {
        let number = shared.lock().waiters.add(waits_for);
        Self { shared, number }
    }

    /// Whether there is something; answers with what `take` makes of it.
    pub(crate) fn poll<T>(
        &self,
        context: &Context<'_>,
        take: impl FnOnce(&World, &mut WaitsFor) -> T,
    ) -> Poll<Option<T>> {
        let mut state = self.shared.lock();
        let State { world, waiters } = &mut *state;
        let (poll, wakers) = waiters.poll(world, self.number, context);
        let poll = poll.map(|()| waiters.waits_for(self.number).map(|waits_for| take(world, waits_for)));
        let held_up = waiters.is_held_up();
        drop(state);
        wake(wakers);
        if held_up {
            // Whoever is waited for may be on another thread, and that thread without a processor.
            std::thread::yield_now();
        }
        poll
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let wakers = self.shared.lock().waiters.remove(self.number);
        wake(wakers);
    }
}

/// Wakes only after the lock is released: who is woken may come at once.
fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}
