//! One run at a time: a Lease for each instance, and a fence that stops the writes of a run which has lost it.
//!
//! A run holds the Lease while it writes, and renews it three times within its length. Whoever finds it held waits; a holder
//! that has not renewed it for its length is taken to be gone. A run that was paused, or could not reach the server, stops
//! writing before its Lease ends by its own clock.

mod acquire;
mod fence;
mod lease;
mod locked;

pub use lease::LockHolder;
pub(crate) use lease::{held_by, lease_key};
pub use locked::LockOptions;
pub(crate) use locked::{Lock, while_locked};

#[cfg(test)]
mod tests;
