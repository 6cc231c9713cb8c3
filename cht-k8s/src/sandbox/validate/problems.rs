//! What is wrong with an object, in the server's words.

use cht_manifests::Kind;
use serde_json::Value;

use crate::sandbox::json::text;

/// Problems as the server lists them: the field, then what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, field: &str, problem: impl AsRef<str>) {
        self.0.push(format!("{field}: {}", problem.as_ref()));
    }

    /// Adds a field that is missing or empty.
    pub(crate) fn require(&mut self, object: &Value, pointer: &str, field: &str) {
        let missing = match object.pointer(pointer) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(map)) => map.is_empty(),
            Some(_) => false,
        };
        if missing {
            self.add(field, "Required value");
        }
    }

    /// The server's message, if there is a problem at all.
    pub(crate) fn message(self, kind: Kind, name: &str) -> Option<String> {
        let group = kind.group();
        let subject = if group.is_empty() { kind.to_string() } else { format!("{kind}.{group}") };
        match self.0.as_slice() {
            [] => None,
            [one] => Some(format!("{subject} {name:?} is invalid: {one}")),
            many => Some(format!("{subject} {name:?} is invalid: [{}]", many.join(", "))),
        }
    }

    /// Adds a text that is none of those that a field may have. A missing field has none.
    pub(crate) fn one_of(&mut self, object: &Value, pointer: &str, field: &str, supported: &[&str]) {
        if let Some(value) = object.pointer(pointer) {
            let value = value.as_str().unwrap_or_default();
            self.supported(value, field, supported);
        }
    }

    /// Adds a text that is none of those that a field must have.
    pub(crate) fn must_be_one_of(&mut self, object: &Value, pointer: &str, field: &str, supported: &[&str]) {
        self.supported(text(object, pointer).unwrap_or_default(), field, supported);
    }

    /// Adds a text that is none of the supported ones.
    pub(crate) fn supported(&mut self, value: &str, field: &str, supported: &[&str]) {
        if !supported.contains(&value) {
            let all: Vec<_> = supported.iter().map(|known| format!("{known:?}")).collect();
            self.add(field, format!("Unsupported value: {value:?}: supported values: {}", all.join(", ")));
        }
    }
}
