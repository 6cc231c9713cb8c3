//! Whether a live object already is what an apply would make of it, without asking the server.
//!
//! Server-side apply records for every manager which fields it set (`metadata.managedFields`). When the fields that we
//! own are exactly the wanted ones, with the wanted values, applying again would change nothing.

use serde_json::{Map, Value};

use crate::{FIELD_MANAGER, LiveObject};

/// Whether applying `wanted` would leave `live` as it is. A `false` may be wrong, a `true` never is.
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

fn our_fields(live: &LiveObject) -> Option<&Map<String, Value>> {
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
    let set: Vec<_> = wanted.iter().filter(|(key, value)| live.contains_key(*key) || !is_nothing(value)).collect();
    owned == set.len()
        && set.into_iter().all(|(key, value)| match (fields.get(&format!("f:{key}")), live.get(key)) {
            (Some(fields), Some(live)) => same_node(fields, value, live),
            _ => false,
        })
}

/// What a server leaves out when it is told so: a partition 0 is no partition.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

fn same_node(fields: &Value, wanted: &Value, live: &Value) -> bool {
    let Some(fields) = fields.as_object() else { return false };
    match (wanted, live) {
        _ if fields.is_empty() => same_value(wanted, live),
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

/// A value that is owned as a whole. The server may have filled in more than was wanted.
fn same_value(wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            wanted.iter().all(|(key, value)| live.get(key).is_some_and(|live| same_value(value, live)))
        }
        (Value::Array(wanted), Value::Array(live)) => {
            wanted.len() == live.len() && wanted.iter().zip(live).all(|(wanted, live)| same_value(wanted, live))
        }
        (wanted, live) => wanted == live,
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;
    use serde_json::json;

    use super::*;

    fn wanted() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": { "name": "api", "namespace": "ns", "labels": { "a": "1" } },
            "spec": { "selector": { "cht.service": "api" }, "ports": [{ "port": 5988, "protocol": "TCP", "targetPort": 5988 }] },
        })
    }

    fn live() -> LiveObject {
        let mut value = wanted();
        value["metadata"]["managedFields"] = json!([
            { "manager": "kubectl", "operation": "Update", "fieldsV1": {} },
            { "manager": "cht", "operation": "Apply", "fieldsV1": {
                "f:metadata": { "f:labels": { "f:a": {} } },
                "f:spec": {
                    "f:selector": {},
                    "f:ports": { "k:{\"port\":5988,\"protocol\":\"TCP\"}": { ".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {} } },
                },
            }},
        ]);
        value["spec"]["clusterIP"] = json!("10.0.0.1");
        LiveObject::new(Kind::Service, value)
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Value {
        let mut value = wanted();
        change(&mut value);
        value
    }

    #[test]
    fn what_was_applied_is_as_applied() {
        assert!(is_as_applied(&live(), &wanted()));
    }

    #[test]
    fn every_difference_shows() {
        let differences = [
            ("a changed value", changed(|w| w["metadata"]["labels"]["a"] = json!("2"))),
            ("a new field", changed(|w| w["metadata"]["labels"]["b"] = json!("1"))),
            ("a field that is not wanted any more", changed(|w| w["metadata"]["labels"] = json!({}))),
            ("a changed atomic map", changed(|w| w["spec"]["selector"] = json!({ "cht.service": "other" }))),
            ("a changed item", changed(|w| w["spec"]["ports"][0]["targetPort"] = json!(1))),
            ("another item", changed(|w| w["spec"]["ports"][0]["port"] = json!(1))),
            (
                "one more item",
                changed(|w| {
                    w["spec"]["ports"].as_array_mut().expect("ports").push(json!({ "port": 1, "protocol": "TCP" }));
                }),
            ),
        ];
        for (what, wanted) in differences {
            assert!(!is_as_applied(&live(), &wanted), "{what}");
        }
    }

    #[test]
    fn what_others_changed_shows() {
        let mut value = live().value().clone();
        value["metadata"]["labels"]["a"] = json!("theirs");
        assert!(!is_as_applied(&LiveObject::new(Kind::Service, value), &wanted()));
    }

    #[test]
    fn what_others_own_alone_is_not_ours() {
        let mut value = live().value().clone();
        value["metadata"]["managedFields"] = json!([]);
        assert!(!is_as_applied(&LiveObject::new(Kind::Service, value), &wanted()));
    }
}
