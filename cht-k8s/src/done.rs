//! What a run has done so far: what is reported and recorded of it, however it ends.

use std::collections::BTreeMap;

use cht_manifests::ObjectKey;

use crate::LiveObject;
use crate::events::{Applied, Counts};
use crate::records::RecordedChange;

/// What a run has done so far.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) counts: Counts,
    pub(crate) changes: Vec<RecordedChange>,
    /// The objects of the instance that are known to be there, with their UIDs.
    pub(crate) owned: BTreeMap<ObjectKey, String>,
    /// Those that are known to be gone.
    pub(crate) gone: Vec<ObjectKey>,
}

impl Done {
    /// An object was found as wanted.
    pub(crate) fn found(&mut self, live: &LiveObject) {
        self.owned.insert(live.key(), live.uid().to_owned());
    }

    /// An object was applied.
    pub(crate) fn applied(&mut self, live: &LiveObject, change: Applied) {
        match change {
            Applied::Created => self.counts.created += 1,
            Applied::Changed => self.counts.changed += 1,
            Applied::Unchanged => self.counts.unchanged += 1,
        }
        self.changes.extend(RecordedChange::applied(&live.key(), change));
        self.found(live);
    }

    /// An object is being deleted, and owned until it is gone.
    pub(crate) fn deleting(&mut self, key: &ObjectKey) {
        self.counts.removed += 1;
        self.changes.push(RecordedChange::removed(key));
    }

    /// An object was removed.
    pub(crate) fn removed(&mut self, key: &ObjectKey) {
        self.deleting(key);
        self.owned.remove(key);
        self.gone.push(key.clone());
    }
}
