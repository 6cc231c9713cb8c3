//! What an instance owns and does not want any more.
//!
//! An object is removed only when three things prove that it is the instance's own: the inventory has it, it bears the
//! instance's labels, and it is the very object that was recorded. What holds data is never removed.

use cht_manifests::{Manifests, ObjectKey};

use super::observe::Observed;
use crate::LiveObject;
use crate::records::{Inventory, Owned};

/// An object that the instance owned and does not want any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superseded {
    /// The object.
    pub object: ObjectKey,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of an object that is not wanted any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is removed when everything else is done.
    Prune {
        /// The object's identity.
        uid: String,
    },
    /// It holds data, or holds it together, and is kept.
    Protected,
    /// It is not provably the instance's, and is left alone.
    NotOurs {
        /// What keeps it from being proved.
        reason: &'static str,
    },
}

impl Fate {
    /// The class's name, e.g. `prune`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Prune { .. } => "prune",
            Self::Protected => "protected",
            Self::NotOurs { .. } => "not-ours",
        }
    }
}

/// The objects of the inventory that are not wanted: what a plan has to look at besides what is wanted.
pub(super) fn unwanted<'a>(inventory: &'a Inventory, wanted: &'a Manifests) -> impl Iterator<Item = &'a Owned> {
    inventory.objects.iter().filter(|owned| wanted.iter().all(|manifest| manifest.object.key() != owned.key()))
}

/// What becomes of each of them that is still there.
pub(super) fn superseded(
    inventory: &Inventory,
    wanted: &Manifests,
    observed: &Observed,
    project: &str,
) -> Vec<Superseded> {
    unwanted(inventory, wanted)
        .filter_map(|owned| {
            let object = owned.key();
            let live = observed.get(&object)?;
            Some(Superseded { fate: fate(owned, live, project), object })
        })
        .collect()
}

fn fate(owned: &Owned, live: &LiveObject, project: &str) -> Fate {
    if live.kind().holds_data() {
        return Fate::Protected;
    }
    match owned.is_proved_by(live, project) {
        Ok(()) => Fate::Prune { uid: live.uid().to_owned() },
        Err(reason) => Fate::NotOurs { reason },
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;
    use serde_json::json;

    use super::*;

    const PROJECT: &str = "county-a";

    fn live(kind: Kind, name: &str, uid: &str, managed_by: &str) -> LiveObject {
        let labels = json!({ "app.kubernetes.io/managed-by": managed_by, "app.kubernetes.io/instance": PROJECT });
        let metadata = json!({ "name": name, "namespace": "ns", "uid": uid, "labels": labels });
        LiveObject::new(kind, json!({ "metadata": metadata }))
    }

    fn fate_of(live: &LiveObject, recorded: Option<&str>) -> Option<Fate> {
        let objects = vec![Owned::new(&live.key(), recorded.map(str::to_owned))];
        let inventory = Inventory { objects, revisions: Vec::new() };
        let nothing: Manifests = [].into_iter().collect();
        let observed = Observed::of([live.clone()]);
        superseded(&inventory, &nothing, &observed, PROJECT).pop().map(|superseded| superseded.fate)
    }

    #[test]
    fn what_inventory_label_and_uid_prove_is_pruned() {
        let service = live(Kind::Service, "upgrade-service", "u", "cht");
        assert_eq!(fate_of(&service, Some("u")), Some(Fate::Prune { uid: "u".to_owned() }));
        assert_eq!(fate_of(&service, None), Some(Fate::Prune { uid: "u".to_owned() }));
    }

    #[test]
    fn what_is_not_proved_is_left() {
        let other = live(Kind::Service, "upgrade-service", "another", "cht");
        assert!(matches!(fate_of(&other, Some("u")), Some(Fate::NotOurs { reason }) if reason.contains("another")));
        for recorded in [Some("u"), None] {
            let helms = live(Kind::Service, "upgrade-service", "u", "Helm");
            assert!(matches!(fate_of(&helms, recorded), Some(Fate::NotOurs { reason }) if reason.contains("labels")));
        }
    }

    #[test]
    fn what_holds_data_is_protected_whatever_proves_it() {
        for kind in [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret, Kind::Namespace] {
            assert_eq!(fate_of(&live(kind, "couchdb-claim0", "u", "cht"), Some("u")), Some(Fate::Protected), "{kind}");
        }
    }

    #[test]
    fn what_is_gone_or_was_never_ours_is_no_matter() {
        let inventory = Inventory::default();
        let nothing: Manifests = [].into_iter().collect();
        let observed = Observed::of([live(Kind::Service, "theirs", "u", "cht")]);
        assert_eq!(superseded(&inventory, &nothing, &observed, PROJECT), []);
    }
}
