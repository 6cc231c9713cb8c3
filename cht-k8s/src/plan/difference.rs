//! What differs between two versions of an object, field by field. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::path::{Path, Segment};

/// The fields that tell the items of a list from each other, for the lists that Kubernetes has.
const NAMES: [&[&str]; 7] =
    [&["name"], &["containerPort", "protocol"], &["port", "protocol"], &["mountPath"], &["host"], &["path"], &["key"]];

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    pub(super) path: Path,
    /// Nothing where the field is new.
    pub(super) old: Option<Value>,
    /// Nothing where the field goes away.
    pub(super) new: Option<Value>,
}

/// Every field in which `new` differs from `old`: making these changes one after the other to `old` gives `new`.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&Path::default(), Some(old), Some(new), &mut found);
    found
}

fn compare(path: &Path, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    match (old, new) {
        _ if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => compare_maps(path, old, new, found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => compare_lists(path, old, new, found),
        _ => found.push(Difference { path: path.clone(), old: old.cloned(), new: new.cloned() }),
    }
}

fn compare_maps(path: &Path, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Difference>) {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        compare(&path.field(name), old.get(name), new.get(name), found);
    }
}

fn compare_lists(path: &Path, old: &[Value], new: &[Value], found: &mut Vec<Difference>) {
    if let Some(names) = NAMES.into_iter().find(|names| is_aligned(names, old, new)) {
        compare_named(path, names, old, new, found);
    } else if old.len() == new.len() && old.iter().chain(new).all(Value::is_object) {
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            compare(&path.then(Segment::Index(index)), Some(old), Some(new), found);
        }
    } else {
        let whole = |list: &[Value]| Some(Value::from(list.to_vec()));
        found.push(Difference { path: path.clone(), old: whole(old), new: whole(new) });
    }
}

/// What goes first, then the rest in its new order: places are then right when the changes are made one by one.
fn compare_named(path: &Path, names: &[&'static str], old: &[Value], new: &[Value], found: &mut Vec<Difference>) {
    let step = |item: &Value, at: usize| {
        let names = names.iter().filter_map(|name| Some((*name, item.get(name)?.clone())));
        path.then(Segment::Item { names: names.collect(), at })
    };
    let find =
        |list: &'_ [Value], wanted: &Value| list.iter().position(|item| called(names, item) == called(names, wanted));
    for (at, item) in old.iter().enumerate().filter(|(_, item)| find(new, item).is_none()) {
        compare(&step(item, at), Some(item), None, found);
    }
    for (at, item) in new.iter().enumerate() {
        compare(&step(item, at), find(old, item).map(|at| &old[at]), Some(item), found);
    }
}

/// Whether the items of both lists are told apart by these fields, and those of both lists are in the same order.
fn is_aligned(names: &[&str], old: &[Value], new: &[Value]) -> bool {
    let (Some(old), Some(new)) = (all_called(names, old), all_called(names, new)) else { return false };
    let unique = |list: &[Vec<&Value>]| (1..list.len()).all(|at| !list[..at].contains(&list[at]));
    unique(&old)
        && unique(&new)
        && old.iter().filter(|name| new.contains(name)).eq(new.iter().filter(|name| old.contains(name)))
}

fn all_called<'a>(names: &[&str], list: &'a [Value]) -> Option<Vec<Vec<&'a Value>>> {
    list.iter().map(|item| called(names, item)).collect()
}

/// What tells an item from the others.
fn called<'a>(names: &[&str], item: &'a Value) -> Option<Vec<&'a Value>> {
    names.iter().map(|name| item.get(name).filter(|value| value.is_string() || value.is_number())).collect()
}

#[cfg(test)]
mod tests;
