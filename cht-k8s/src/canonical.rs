//! One text for each JSON value, whatever the order of its fields.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The value's text, with the fields of every map in order.
pub(crate) fn canonical(value: &Value) -> String {
    in_order(value).to_string()
}

/// The SHA-256 of that text.
pub(crate) fn sha256(value: &Value) -> String {
    format!("{:x}", Sha256::digest(canonical(value)))
}

/// Maps keep either the order of their fields or that in which they were filled: this is both.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.keys().collect();
            names.sort();
            Value::Object(names.into_iter().map(|name| (name.clone(), in_order(&fields[name]))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(in_order).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_in_order_and_items_stay_where_they_are() {
        let value = json!({ "b": [{ "d": 1, "c": 2 }, 0], "a": null });
        assert_eq!(canonical(&value), r#"{"a":null,"b":[{"c":2,"d":1},0]}"#);
        assert_ne!(sha256(&value), sha256(&json!({ "b": [0, { "d": 1, "c": 2 }], "a": null })));
    }
}
