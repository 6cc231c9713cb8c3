//! Who owns which field: `metadata.managedFields`.

use serde_json::{Value, json};

use super::fields::{FieldSet, field};
use super::json::{self, items, text};
use super::merge::{self, Difference};
use super::schema::Type;
use crate::FieldConflict;

/// How a manager came to own its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// One entry of `metadata.managedFields`.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    manager: String,
    operation: Operation,
    api_version: String,
    time: String,
    fields: FieldSet,
}

/// Everyone who owns fields of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Owners(Vec<Entry>);

/// Who writes, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Author<'a> {
    pub(crate) manager: &'a str,
    pub(crate) api_version: &'a str,
    pub(crate) now: &'a str,
}

impl Owners {
    /// The owners that an object names.
    pub(crate) fn of(object: &Value) -> Self {
        Self(
            items(object, "/metadata/managedFields")
                .iter()
                .map(|entry| Entry {
                    manager: text(entry, "/manager").unwrap_or_default().to_owned(),
                    operation: match text(entry, "/operation") {
                        Some("Apply") => Operation::Apply,
                        _ => Operation::Update,
                    },
                    api_version: text(entry, "/apiVersion").unwrap_or_default().to_owned(),
                    time: text(entry, "/time").unwrap_or_default().to_owned(),
                    fields: FieldSet::from_json(entry.get("fieldsV1").unwrap_or(&Value::Null)),
                })
                .collect(),
        )
    }

    /// Writes the owners into an object.
    pub(crate) fn write(mut self, object: &mut Value) {
        self.0.retain(|entry| !entry.fields.is_empty());
        self.0.sort_by(|a, b| (a.operation, &a.time, &a.manager).cmp(&(b.operation, &b.time, &b.manager)));
        if self.0.is_empty() {
            json::remove(object, &["metadata", "managedFields"]);
            return;
        }
        let entries = self
            .0
            .into_iter()
            .map(|entry| {
                json!({
                    "manager": entry.manager,
                    "operation": entry.operation.as_str(),
                    "apiVersion": entry.api_version,
                    "time": entry.time,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": entry.fields.to_json(),
                })
            })
            .collect();
        json::set(object, &["metadata", "managedFields"], entries);
    }

    fn position(&self, author: Author<'_>, operation: Operation) -> Option<usize> {
        self.0.iter().position(|entry| {
            entry.operation == operation && entry.manager == author.manager && entry.api_version == author.api_version
        })
    }

    /// Gives the author these fields as its only ones; the time stays when they are the ones it had.
    fn give(&mut self, author: Author<'_>, operation: Operation, fields: FieldSet, wrote: bool) {
        match self.position(author, operation) {
            Some(at) => {
                let entry = &mut self.0[at];
                if wrote || entry.fields != fields {
                    author.now.clone_into(&mut entry.time);
                }
                entry.fields = fields;
            }
            None => self.0.push(Entry {
                manager: author.manager.to_owned(),
                operation,
                api_version: author.api_version.to_owned(),
                time: author.now.to_owned(),
                fields,
            }),
        }
    }

    /// Takes from everyone but the author's entry what changed or went away.
    fn take(&mut self, author: Author<'_>, operation: Operation, difference: &Difference) {
        let own = self.position(author, operation);
        for (at, entry) in self.0.iter_mut().enumerate() {
            let mut fields = entry.fields.difference(&difference.removed);
            if own != Some(at) {
                fields = fields.difference(&difference.changed);
            }
            entry.fields = fields;
        }
    }
}

/// The object as it is after someone wrote it whole. Where it says itself who owns what, that holds; otherwise it is as
/// before.
pub(crate) fn updated(old: &Value, mut new: Value, of_type: &Type, author: Author<'_>) -> Value {
    let mut owners = Owners::of(&new);
    if owners.0.is_empty() {
        owners = Owners::of(old);
    }
    let difference = merge::compare(&bare(old), &bare(&new), of_type);
    owners.take(author, Operation::Update, &difference);
    let had = owners.position(author, Operation::Update).map(|at| owners.0[at].fields.clone()).unwrap_or_default();
    let fields = tracked(had.union(&difference.changed));
    owners.give(author, Operation::Update, fields, difference != Difference::default());
    owners.write(&mut new);
    new
}

/// `live` after someone applied `wanted` to it, which sets `fields`: merged, without what the author applied before and
/// nobody owns now.
///
/// # Errors
///
/// The fields that others own with other values, unless they are to be taken over.
pub(crate) fn applied(
    live: &Value,
    wanted: &Value,
    fields: FieldSet,
    of_type: &Type,
    author: Author<'_>,
    force: bool,
) -> Result<Value, Vec<FieldConflict>> {
    let mut owners = Owners::of(live);
    let live = bare(live);
    let merged = merge::merge(&live, wanted, of_type);
    let before = owners.position(author, Operation::Apply).map(|at| owners.0[at].fields.clone());
    owners.give(author, Operation::Apply, tracked(fields), false);
    let mut new = match before {
        Some(before) => pruned(&merged, &before, &owners, of_type),
        None => merged,
    };
    let difference = merge::compare(&live, &new, of_type);
    let own = owners.position(author, Operation::Apply);
    let conflicts: Vec<_> = owners
        .0
        .iter()
        .enumerate()
        .filter(|(at, _)| own != Some(*at))
        .flat_map(|(_, entry)| {
            let fields = entry.fields.intersection(&difference.changed).readable();
            fields.into_iter().map(|field| FieldConflict { manager: entry.manager.clone(), field })
        })
        .collect();
    if !force && !conflicts.is_empty() {
        return Err(conflicts);
    }
    owners.take(author, Operation::Apply, &difference);
    if difference != Difference::default()
        && let Some(at) = own
    {
        author.now.clone_into(&mut owners.0[at].time);
    }
    owners.write(&mut new);
    Ok(new)
}

/// Removes what was applied before and has no owner any more. What the server filled in beside it stays.
fn pruned(merged: &Value, before: &FieldSet, owners: &Owners, of_type: &Type) -> Value {
    let owned = owners.0.iter().fold(FieldSet::default(), |all, entry| all.union(&entry.fields));
    let all = merge::fields_of(merged, of_type);
    let remaining = |fields: &FieldSet| {
        merge::without(merged, fields, of_type).map(|value| merge::fields_of(&value, of_type)).unwrap_or_default()
    };
    // First what is owned comes back, then what goes only because something around it would.
    let lost = all.difference(&remaining(before)).difference(&owned);
    let lost = all.difference(&remaining(&lost)).intersection(before).difference(&owned);
    merge::without(merged, &lost, of_type).unwrap_or(Value::Null)
}

/// An object without its list of owners.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    json::remove(&mut object, &["metadata", "managedFields"]);
    object
}

/// Without the fields that nobody can own.
fn tracked(mut fields: FieldSet) -> FieldSet {
    for name in ["apiVersion", "kind"] {
        fields.cut(&[&field(name)]);
    }
    for name in ["name", "namespace", "creationTimestamp", "uid", "generation", "resourceVersion"] {
        fields.cut(&["f:metadata", &field(name)]);
    }
    fields
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;

    use super::*;
    use crate::sandbox::schema;

    fn config(data: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data})
    }

    fn by<'a>(manager: &'a str, now: &'a str) -> Author<'a> {
        Author { manager, api_version: "v1", now }
    }

    fn apply_object(
        live: &Value,
        wanted: &Value,
        kind: Kind,
        author: Author<'_>,
        force: bool,
    ) -> Result<Value, Vec<FieldConflict>> {
        let of_type = schema::of(kind);
        applied(live, wanted, merge::fields_of(wanted, of_type), of_type, author, force)
    }

    fn apply(live: &Value, data: &Value, author: Author<'_>, force: bool) -> Result<Value, Vec<FieldConflict>> {
        apply_object(live, &config(data), Kind::ConfigMap, author, force)
    }

    fn owned(object: &Value) -> Vec<(String, Vec<String>)> {
        Owners::of(object).0.iter().map(|entry| (entry.manager.clone(), entry.fields.readable())).collect()
    }

    #[test]
    fn the_same_value_is_shared_and_another_conflicts() {
        let live = apply(&json!({}), &json!({"a": "1", "b": "2"}), by("cht", "t1"), false).unwrap();
        let live = apply(&live, &json!({"a": "1"}), by("other", "t2"), false).unwrap();
        assert_eq!(
            owned(&live),
            [
                ("cht".to_owned(), vec![".data.a".to_owned(), ".data.b".to_owned()]),
                ("other".to_owned(), vec![".data.a".to_owned()])
            ]
        );
        let conflicts = apply(&live, &json!({"a": "9"}), by("cht", "t3"), false).unwrap_err();
        assert_eq!(conflicts, [FieldConflict { manager: "other".to_owned(), field: ".data.a".to_owned() }]);
        let live = apply(&live, &json!({"a": "9"}), by("cht", "t3"), true).unwrap();
        assert_eq!(live["data"], json!({"a": "9"}));
        assert_eq!(owned(&live), [("cht".to_owned(), vec![".data.a".to_owned()])]);
    }

    #[test]
    fn what_is_no_longer_applied_goes_unless_someone_else_owns_it() {
        let live = apply(&json!({}), &json!({"a": "1", "b": "2"}), by("cht", "t1"), false).unwrap();
        let live = apply(&live, &json!({"a": "1"}), by("other", "t2"), false).unwrap();
        let live = apply(&live, &json!({"c": "3"}), by("cht", "t3"), false).unwrap();
        assert_eq!(live["data"], json!({"a": "1", "c": "3"}));
    }

    #[test]
    fn applying_the_same_again_changes_not_even_the_time() {
        let live = apply(&json!({}), &json!({"a": "1"}), by("cht", "t1"), false).unwrap();
        assert_eq!(apply(&live, &json!({"a": "1"}), by("cht", "t2"), false).unwrap(), live);
    }

    #[test]
    fn who_edits_an_object_owns_what_changed() {
        let live = apply(&json!({}), &json!({"a": "1", "b": "2"}), by("cht", "t1"), false).unwrap();
        let mut edited = live.clone();
        edited["data"] = json!({"a": "7", "z": "1"});
        let live = updated(&live, edited, schema::of(Kind::ConfigMap), by("kubectl-edit", "t2"));
        assert_eq!(owned(&live), [("kubectl-edit".to_owned(), vec![".data.a".to_owned(), ".data.z".to_owned()])]);
    }

    #[test]
    fn a_removed_container_takes_the_servers_defaults_along() {
        let deployment = |containers: Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
        let wanted = deployment(json!([{"name": "a", "image": "x"}]));
        let mut live = apply_object(&json!({}), &wanted, Kind::Deployment, by("cht", "t"), false).unwrap();
        live["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
        let wanted = deployment(json!([{"name": "b", "image": "x"}]));
        let new = apply_object(&live, &wanted, Kind::Deployment, by("cht", "t"), false).unwrap();
        assert_eq!(bare(&new)["spec"], wanted["spec"]);
    }
}
