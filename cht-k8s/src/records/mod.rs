//! What is remembered of an instance in its namespace: what it owns, and what each run did.
//!
//! `cht.<project>` is the inventory: every object that the instance owns, with its UID, and a line for each revision. It is
//! written before the first change of a run and after the last, each time only over the version that was read. Each
//! revision has an object of its own, `cht.<project>.r<N>`, with what was wanted; Secrets are in it as digests.

mod conclude;
mod history;
mod inventory;
mod ledger;
mod revision;
mod summary;
mod target;

pub use history::{RecordError, history, revision};
pub(crate) use history::{inventory, recorded};
pub(crate) use inventory::{Inventory, Owned, inventory_key};
pub(crate) use ledger::{Begin, Ledger};
pub(crate) use revision::revision_key;
pub use revision::{RecordedChange, Revision};
pub use summary::{Action, RevisionOutcome, RevisionSummary};
pub use target::RollbackError;
pub(crate) use target::{newest, target};
