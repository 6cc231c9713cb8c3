//! Whether a live object already is what an apply would make of it, without asking the server.
//!
//! Server-side apply records for every manager which fields it set (`metadata.managedFields`). When the fields that we
//! own are exactly the wanted ones, with the wanted values, applying again would change nothing.

use serde_json::{Map, Value};

use crate::{FIELD_MANAGER, LiveObject};

/// Whether applying `wanted` would leave `live` as it is. A `false` may be wrong, a `true` never is, but for the order
/// of items that have names, such as variables: that changes nothing.
pub(crate) fn is_as_applied(live: &LiveObject, wanted: &Value) -> bool {
    let (Some(fields), Some(wanted), Some(live)) = (our_fields(live), wanted.as_object(), live.value().as_object())
    else {
        return false;
    };
    let mut root = wanted.clone();
    root.retain(|key, _| key != "apiVersion" && key != "kind");
    if let Some(Value::Object(metadata)) = root.get_mut("metadata") {
        metadata.retain(|key, _| key != "name" && key != "namespace");
    }
    same_map(fields, &root, live)
}

/// The fields that we have applied, as the server records them; none where we have applied none.
pub(super) fn our_fields(live: &LiveObject) -> Option<&Map<String, Value>> {
    let entries = live.value().pointer("/metadata/managedFields")?.as_array()?;
    let ours = entries.iter().find(|entry| {
        entry.get("manager").and_then(Value::as_str) == Some(FIELD_MANAGER)
            && entry.get("operation").and_then(Value::as_str) == Some("Apply")
            && entry.get("subresource").and_then(Value::as_str).unwrap_or_default().is_empty()
    })?;
    ours.get("fieldsV1")?.as_object()
}

fn same_map(fields: &Map<String, Value>, wanted: &Map<String, Value>, live: &Map<String, Value>) -> bool {
    let owned = fields.keys().filter(|key| key.starts_with("f:")).count();
    let set: Vec<_> =
        wanted.iter().filter(|(key, value)| live.contains_key(*key) || !is_left_out(key, value)).collect();
    owned == set.len()
        && set.into_iter().all(|(key, value)| match (fields.get(&format!("f:{key}")), live.get(key)) {
            (Some(fields), Some(live)) => same_node(fields, value, live),
            _ => false,
        })
}

/// What a server does not keep when it is told so: a partition 0 is no partition. (A user 0 is one, though.)
fn is_left_out(key: &str, value: &Value) -> bool {
    key == "partition" && value.as_i64() == Some(0)
}

fn same_node(fields: &Value, wanted: &Value, live: &Value) -> bool {
    let Some(fields) = fields.as_object() else { return false };
    match (wanted, live) {
        // Owned as a whole: what the server would have filled in, it would fill in again; what others put in, it would not.
        _ if fields.is_empty() => wanted == live,
        (Value::Object(wanted), Value::Object(live)) => same_map(fields, wanted, live),
        (Value::Array(wanted), Value::Array(live)) => same_list(fields, wanted, live),
        _ => false,
    }
}

fn same_list(fields: &Map<String, Value>, wanted: &[Value], live: &[Value]) -> bool {
    let items = fields.iter().filter(|(key, _)| key.as_str() != ".");
    items.clone().count() == wanted.len() && items.into_iter().all(|(key, fields)| same_item(key, fields, wanted, live))
}

fn same_item(key: &str, fields: &Value, wanted: &[Value], live: &[Value]) -> bool {
    if let Some(Ok(Value::Object(names))) = key.strip_prefix("k:").map(serde_json::from_str) {
        let named = |item: &&Value| names.iter().all(|(name, value)| item_field(item, name) == *value);
        let (Some(Value::Object(wanted)), Some(Value::Object(live))) =
            (wanted.iter().find(named), live.iter().find(named))
        else {
            return false;
        };
        return fields.as_object().is_some_and(|fields| same_map(fields, wanted, live));
    }
    if let Some(Ok(value)) = key.strip_prefix("v:").map(serde_json::from_str::<Value>) {
        return wanted.contains(&value) && live.contains(&value);
    }
    false
}

/// The value of a field that names a list's item. The one that Kubernetes fills in is a port's protocol.
fn item_field(item: &Value, name: &str) -> Value {
    let default = || if name == "protocol" { Value::from("TCP") } else { Value::Null };
    item.get(name).cloned().unwrap_or_else(default)
}

#[cfg(test)]
mod tests;
