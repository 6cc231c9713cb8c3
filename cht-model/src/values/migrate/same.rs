//! Whether two trees hold the same values, wherever they are written.

use super::super::document::{Map, Value};

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
