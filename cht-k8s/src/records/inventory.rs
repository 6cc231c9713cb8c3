//! The inventory: what an instance owns, and a line for each of its revisions.

use cht_manifests::{Kind, ObjectKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::summary::{Action, RevisionOutcome, RevisionSummary};
use crate::labels::{is_ours, on_records};
use crate::{ClusterError, LiveObject};

const FORMAT: &str = "cht.inventory/v1";
const ENTRY: &str = "inventory.json";
/// How many revisions that did what they were for are kept, and how many others.
const KEPT: (usize, usize) = (10, 3);

/// Where an instance's inventory is.
pub(crate) fn inventory_key(namespace: &str, project: &str) -> ObjectKey {
    ObjectKey::new(Kind::ConfigMap, namespace, &format!("cht.{project}"))
}

/// An object that the instance owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owned {
    pub(crate) kind: Kind,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// What tells it from another of its name; unknown until it has been made.
    pub(crate) uid: Option<String>,
}

impl Owned {
    pub(crate) fn new(key: &ObjectKey, uid: Option<String>) -> Self {
        Self { kind: key.kind, namespace: key.namespace.clone(), name: key.name.clone(), uid }
    }

    pub(crate) fn key(&self) -> ObjectKey {
        ObjectKey { kind: self.kind, namespace: self.namespace.clone(), name: self.name.clone() }
    }

    /// Whether a live object of this name is the very one that the instance owns.
    ///
    /// # Errors
    ///
    /// What keeps it from being proved.
    pub(crate) fn is_proved_by(&self, live: &LiveObject, project: &str) -> Result<(), &'static str> {
        if !is_ours(live, project) {
            return Err("it does not bear the instance's labels");
        }
        match &self.uid {
            // A run that was cut short had announced it, and did not come to note its identity: the labels are this project's.
            None => Ok(()),
            Some(uid) if uid == live.uid() => Ok(()),
            Some(_) => Err("it is another object than the one that was deployed"),
        }
    }
}

/// What an instance owns, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Inventory {
    pub(crate) objects: Vec<Owned>,
    pub(crate) revisions: Vec<RevisionSummary>,
}

impl Inventory {
    /// # Errors
    ///
    /// When the object does not hold an inventory.
    pub(crate) fn read(live: &LiveObject) -> Result<Self, ClusterError> {
        let unreadable = |reason: String| ClusterError::Malformed {
            reason: format!(
                "{} is no inventory: {reason}; restore it, or delete it: the next deploy then begins a new one",
                live.key()
            ),
        };
        let text = live.value().pointer("/data").and_then(|data| data.get(ENTRY)).and_then(Value::as_str);
        let text = text.ok_or_else(|| unreadable(format!("it has no entry {ENTRY}")))?;
        let value: Value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        match value.get("v").and_then(Value::as_str) {
            Some(FORMAT) => {}
            other => return Err(unreadable(format!("its format is {other:?}, and this program knows {FORMAT:?}"))),
        }
        Self::deserialize(value).map_err(|error| unreadable(error.to_string()))
    }

    /// The object that holds this inventory, over `live` where there is one.
    pub(crate) fn write(&self, key: &ObjectKey, project: &str, live: Option<&LiveObject>) -> LiveObject {
        let mut content = json!(self);
        content["v"] = FORMAT.into();
        let mut value = live.map_or_else(
            || json!({ "metadata": { "name": key.name, "namespace": key.namespace } }),
            |live| live.value().clone(),
        );
        for (name, label) in on_records(project, "inventory") {
            value["metadata"]["labels"][name] = label.into();
        }
        for (name, label) in cht_manifests::apply_set_labels(key) {
            value["metadata"]["labels"][name] = label.into();
        }
        for (name, note) in cht_manifests::apply_set_annotations() {
            value["metadata"]["annotations"][name] = note.into();
        }
        value["data"] = json!({ ENTRY: content.to_string() });
        LiveObject::new(Kind::ConfigMap, value)
    }

    /// Whether a live object is provably the instance's own: the inventory has it, it bears the instance's labels, and it is
    /// the very object that was recorded.
    ///
    /// # Errors
    ///
    /// What keeps it from being proved.
    pub(crate) fn proves(&self, live: &LiveObject, project: &str) -> Result<(), &'static str> {
        let key = live.key();
        match self.objects.iter().find(|owned| owned.key() == key) {
            Some(owned) => owned.is_proved_by(live, project),
            None => Err("it is not in the instance's inventory"),
        }
    }

    /// The last revision.
    pub(crate) fn last(&self) -> Option<&RevisionSummary> {
        self.revisions.last()
    }

    /// Takes out the oldest revisions, and answers with them. The last deploy that came to its end stays: after an uninstall
    /// it alone tells where the data lies.
    pub(crate) fn forget(&mut self) -> Vec<RevisionSummary> {
        let (mut done, mut others) = (0, 0);
        let is_deploy =
            |line: &&RevisionSummary| line.action != Action::Uninstall && line.outcome == RevisionOutcome::Done;
        let last_deploy = self.revisions.iter().rev().find(is_deploy).map(|line| line.number);
        let mut kept = Vec::new();
        let mut forgotten = Vec::new();
        for revision in self.revisions.drain(..).rev() {
            let (count, limit) = match revision.outcome {
                RevisionOutcome::Done => (&mut done, KEPT.0),
                _ => (&mut others, KEPT.1),
            };
            *count += 1;
            if *count <= limit || last_deploy == Some(revision.number) {
                kept.push(revision);
            } else {
                forgotten.push(revision);
            }
        }
        kept.reverse();
        self.revisions = kept;
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;
    use crate::{Actor, Counts, RunId};

    fn revision(number: u32, outcome: RevisionOutcome) -> RevisionSummary {
        RevisionSummary {
            number,
            action: Action::Rollback { to: 1 },
            version: "5.3.0".to_owned(),
            actor: Actor { user: "ada".to_owned(), host: "laptop".to_owned() },
            run: RunId::new(),
            started: Timestamp::UNIX_EPOCH,
            finished: None,
            outcome,
            counts: Counts::default(),
            digest: String::new(),
            record: None,
        }
    }

    fn key() -> ObjectKey {
        inventory_key("ns", "county-a")
    }

    #[test]
    fn an_inventory_is_read_as_it_was_written() {
        let deployment = ObjectKey::new(Kind::Deployment, "ns", "cht-api");
        let volume = ObjectKey::new(Kind::PersistentVolume, "ns", "couchdb-pv-ns");
        let inventory = Inventory {
            objects: vec![Owned::new(&deployment, Some("u".to_owned())), Owned::new(&volume, None)],
            revisions: vec![revision(1, RevisionOutcome::Failed { reason: "api: crash-loop".to_owned() })],
        };
        let written = inventory.write(&key(), "county-a", None);
        assert_eq!(written.key(), key());
        assert_eq!(Inventory::read(&written), Ok(inventory.clone()));
        assert_eq!(inventory.objects[1].key(), volume);
        // What others have put beside it stays.
        let mut live = written.value().clone();
        live["metadata"]["annotations"]["theirs"] = "1".into();
        let again = inventory.write(&key(), "county-a", Some(&LiveObject::new(Kind::ConfigMap, live)));
        assert_eq!(again.value()["metadata"]["annotations"]["theirs"], "1");
    }

    #[test]
    fn what_is_no_inventory_is_refused_with_a_way_out() {
        for data in [json!(null), json!({ ENTRY: "{" }), json!({ ENTRY: r#"{"v":"cht.inventory/v9"}"# })] {
            let live =
                LiveObject::new(Kind::ConfigMap, json!({ "metadata": { "name": "cht.county-a" }, "data": data }));
            let error = Inventory::read(&live).expect_err("no inventory").to_string();
            assert!(error.contains("ConfigMap/cht.county-a is no inventory") && error.contains("delete it"), "{error}");
        }
    }

    #[test]
    fn ten_good_revisions_and_three_others_are_kept() {
        let outcome = |number| if number % 2 == 0 { RevisionOutcome::Done } else { RevisionOutcome::Interrupted };
        let revisions = (1..=40).map(|number| revision(number, outcome(number))).collect();
        let mut inventory = Inventory { objects: Vec::new(), revisions };
        let forgotten = inventory.forget();
        let kept: Vec<_> = inventory.revisions.iter().map(|revision| revision.number).collect();
        assert_eq!(kept, [22, 24, 26, 28, 30, 32, 34, 35, 36, 37, 38, 39, 40]);
        assert_eq!(forgotten.len() + kept.len(), 40);
    }

    #[test]
    fn the_last_deploy_is_kept_whatever_came_after_it() {
        let deploys = [1, 2].map(|number| revision(number, RevisionOutcome::Done));
        let uninstall =
            |number| RevisionSummary { action: Action::Uninstall, ..revision(number, RevisionOutcome::Done) };
        let mut inventory =
            Inventory { objects: Vec::new(), revisions: deploys.into_iter().chain((3..=20).map(uninstall)).collect() };
        assert_eq!(inventory.forget().iter().map(|line| line.number).collect::<Vec<_>>(), [10, 9, 8, 7, 6, 5, 4, 3, 1]);
        assert_eq!(inventory.revisions[0].number, 2);
    }
}
