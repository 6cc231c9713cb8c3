//! Reading and writing single fields of objects that are kept as JSON.

use serde_json::{Map, Value};

/// The text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// The whole number at a JSON pointer.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer)?.as_i64()
}

/// The items of the list at a JSON pointer; none where there is no list.
pub(crate) fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The fields of the map at a JSON pointer whose values are texts.
pub(crate) fn texts<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    value
        .pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

/// Sets a field, making the maps on the way to it.
pub(crate) fn set(value: &mut Value, path: &[&str], new: Value) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut at = value;
    for parent in parents {
        at = object(at).entry((*parent).to_owned()).or_insert(Value::Null);
    }
    object(at).insert((*last).to_owned(), new);
}

/// Sets a field of a map where it is missing.
pub(crate) fn default(value: &mut Value, field: &str, new: impl Into<Value>) {
    let entry = object(value).entry(field.to_owned()).or_insert(Value::Null);
    if entry.is_null() {
        *entry = new.into();
    }
}

/// Removes a field, if it is there.
pub(crate) fn remove(value: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let mut at = value;
    for parent in parents {
        at = at.get_mut(*parent)?;
    }
    at.as_object_mut()?.remove(*last)
}

/// The value as a map; anything else becomes one.
pub(crate) fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made a map just above"),
    }
}

/// The list in a field of a map, to change its items; none where there is no list.
pub(crate) fn items_mut<'a>(value: &'a mut Value, pointer: &str) -> &'a mut [Value] {
    value.pointer_mut(pointer).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn set_makes_the_maps_on_the_way() {
        let mut value = json!({"a": null});
        set(&mut value, &["a", "b", "c"], json!(1));
        assert_eq!(value, json!({"a": {"b": {"c": 1}}}));
        assert_eq!(remove(&mut value, &["a", "b", "c"]), Some(json!(1)));
        assert_eq!(remove(&mut value, &["x", "b"]), None);
        assert_eq!(value, json!({"a": {"b": {}}}));
    }

    #[test]
    fn what_is_missing_reads_as_empty() {
        let value = json!({"list": [1], "map": {"a": "b", "n": 1}});
        assert_eq!(items(&value, "/list").len(), 1);
        assert!(items(&value, "/none").is_empty());
        assert_eq!(texts(&value, "/map").collect::<Vec<_>>(), [("a", "b")]);
    }
}
