//! Trees of values: what an edit makes of one, and whether two hold the same, wherever it is written.

use super::super::document::{Entry, Map, Node, Scalar, Value};
use super::super::parse::whole;

/// Whether two sections hold the same values. The order of keys means nothing.
pub(super) fn same(one: &Map, other: &Map) -> bool {
    one.0.len() == other.0.len()
        && one
            .0
            .iter()
            .all(|entry| other.get(&entry.key).is_some_and(|found| same_value(&entry.node.value, &found.node.value)))
}

fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, Value::Null) => true,
        (Value::Scalar(one), Value::Scalar(other)) => one.text == other.text && one.quoted == other.quoted,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(&one.value, &other.value))
        }
        (Value::Map(one), Value::Map(other)) => same(one, other),
        _ => false,
    }
}

/// The number of the last line that something takes.
pub(super) fn last_line(node: &Node) -> usize {
    let inner = match &node.value {
        Value::Null | Value::Scalar(_) => 0,
        Value::List(items) => items.iter().map(last_line).max().unwrap_or(0),
        Value::Map(map) => map.0.iter().map(|entry| last_line(&entry.node)).max().unwrap_or(0),
    };
    inner.max(node.last_line)
}

/// The values with one entry edited in its section.
pub(super) fn with(root: &Map, path: &str, edit: impl FnOnce(&mut Map, usize)) -> Map {
    fn walk(map: &mut Map, path: &str, edit: impl FnOnce(&mut Map, usize)) {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let Some(index) = map.0.iter().position(|entry| entry.key == first) else { return };
        match (rest, &mut map.0[index].node.value) {
            (None, _) => edit(map, index),
            (Some(rest), Value::Map(inner)) => walk(inner, rest, edit),
            (Some(_), _) => {}
        }
    }
    let mut root = root.clone();
    walk(&mut root, path, edit);
    root
}

/// The values with another value at a path.
pub(super) fn with_value(root: &Map, path: &str, value: &str, quoted: bool) -> Map {
    with(root, path, |map, index| map.0[index].node = node(value, quoted))
}

/// Adds an entry to a section, which may not be there yet.
pub(super) fn add(root: &mut Map, section: &str, entry: Entry) {
    let of = |entry| Value::Map(Map(vec![entry]));
    match root.0.iter_mut().find(|found| found.key == section).map(|found| &mut found.node.value) {
        Some(Value::Map(map)) => map.0.push(entry),
        Some(nothing) => *nothing = of(entry),
        None => {
            let node = Node { span: whole(0), last_line: 0, value: of(entry) };
            root.0.push(Entry { key: section.to_owned(), key_span: whole(0), node });
        }
    }
}

/// A value as a node of its own.
pub(super) fn node(value: &str, quoted: bool) -> Node {
    let scalar = Scalar { text: value.to_owned(), quoted, reference: None };
    Node { span: whole(0), last_line: 0, value: Value::Scalar(scalar) }
}
