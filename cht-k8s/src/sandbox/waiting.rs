//! Those who wait for the cluster: watches for changes, sleepers for a time. Their waiting is what makes time pass.
//!
//! Whoever is polled and has nothing lets the next thing on the agenda happen, one for each poll, so that programs can
//! be cancelled in between. As long as another one has something it has not fetched, or is busy with what it has
//! fetched, time stands still: nobody sees a later world than the one who is slowest. One who never comes back is
//! waited for only so often.

use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use cht_manifests::Kind;
use k8s_openapi::jiff::Timestamp;

use super::world::World;

/// How often in a row time is held up for those who have something to do.
const PATIENCE: u32 = 256;

/// What someone waits for.
#[derive(Debug)]
pub(crate) enum WaitsFor {
    /// A change after a version.
    Change { kind: Kind, namespace: String, since: u64 },
    /// A time.
    Time(Timestamp),
}

#[derive(Debug)]
struct Waiter {
    waits_for: WaitsFor,
    waker: Option<Waker>,
    busy: bool,
}

impl Waiter {
    /// Whether there is something for this one. A watch that has seen everything need not look at it again.
    fn has_something(&mut self, world: &World) -> bool {
        match &mut self.waits_for {
            WaitsFor::Time(until) => *until <= world.now,
            WaitsFor::Change { kind, namespace, since } => match world.store.next(*kind, namespace, *since) {
                Ok(None) => {
                    *since = world.store.version();
                    false
                }
                _ => true,
            },
        }
    }
}

/// Everyone who waits.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    all: BTreeMap<u64, Waiter>,
    count: u64,
    held_up: u32,
}

impl Waiters {
    /// Someone new, by number.
    pub(crate) fn add(&mut self, waits_for: WaitsFor) -> u64 {
        self.count += 1;
        self.all.insert(self.count, Waiter { waits_for, waker: None, busy: false });
        self.count
    }

    /// Nobody waits under this number any more. Others may have waited for it.
    pub(crate) fn remove(&mut self, number: u64) -> Vec<Waker> {
        self.all.remove(&number);
        self.wakers()
    }

    /// Everyone, to be woken.
    pub(crate) fn wakers(&mut self) -> Vec<Waker> {
        self.all.values_mut().filter_map(|waiter| waiter.waker.take()).collect()
    }

    /// Where a watch is.
    pub(crate) fn waits_for(&mut self, number: u64) -> Option<&mut WaitsFor> {
        self.all.get_mut(&number).map(|waiter| &mut waiter.waits_for)
    }

    /// Whether there is something for this one; if not, lets something happen. Also answers whom to wake.
    pub(crate) fn poll(&mut self, world: &mut World, number: u64, context: &Context<'_>) -> (Poll<()>, Vec<Waker>) {
        if self.fetch(world, number) {
            return (Poll::Ready(()), Vec::new());
        }
        if let Some(waiter) = self.all.get_mut(&number) {
            waiter.busy = false;
            waiter.waker = Some(context.waker().clone());
        }
        let others = self
            .all
            .iter_mut()
            .filter(|(other, _)| **other != number)
            .any(|(_, waiter)| waiter.busy || waiter.has_something(world));
        if others && self.held_up < PATIENCE {
            self.held_up += 1;
            return (Poll::Pending, self.wakers());
        }
        self.held_up = 0;
        if !self.advance(world) {
            return (Poll::Pending, Vec::new());
        }
        let poll = if self.fetch(world, number) { Poll::Ready(()) } else { Poll::Pending };
        (poll, self.wakers())
    }

    /// Whether time stands still for someone who has something to do.
    pub(crate) fn is_held_up(&self) -> bool {
        self.held_up > 0
    }

    fn fetch(&mut self, world: &World, number: u64) -> bool {
        let Some(waiter) = self.all.get_mut(&number) else { return true };
        if !waiter.has_something(world) {
            return false;
        }
        waiter.busy = true;
        self.held_up = 0;
        true
    }

    /// Lets the next thing happen, which may be that someone has slept enough. Answers whether there was one.
    fn advance(&self, world: &mut World) -> bool {
        let wakes = self.all.values().filter_map(|waiter| match waiter.waits_for {
            WaitsFor::Time(until) if until > world.now => Some(until),
            _ => None,
        });
        match (world.agenda.next_at(), wakes.min()) {
            (None, None) => return false,
            (Some(action), wake) if wake.is_none_or(|wake| action <= wake) => world.step(),
            (_, Some(wake)) => world.now = wake,
            (Some(_), None) => world.step(),
        }
        true
    }
}
