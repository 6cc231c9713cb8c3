//! Which fields a manager owns.

use cht_k8s::LiveObject;
use serde_json::Value;

/// The fields that a manager owns by an operation, `Apply` or `Update`.
pub(super) fn owned(object: &LiveObject, manager: &str, operation: &str) -> Option<Value> {
    let entries = object.value().pointer("/metadata/managedFields")?.as_array()?;
    let is_meant = |entry: &&Value| {
        entry["manager"] == manager && entry["operation"] == operation && entry.get("subresource").is_none()
    };
    entries.iter().find(is_meant).map(|entry| entry["fieldsV1"].clone())
}

/// Our own.
pub(super) fn ours(object: &LiveObject) -> Value {
    owned(object, cht_k8s::FIELD_MANAGER, "Apply").unwrap_or_else(|| panic!("{object:?} has no fields of ours"))
}

/// A value by JSON pointer.
pub(super) fn at<'a>(object: &'a LiveObject, pointer: &str) -> &'a Value {
    object.value().pointer(pointer).unwrap_or(&Value::Null)
}
