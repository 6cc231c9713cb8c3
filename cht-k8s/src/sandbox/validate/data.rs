//! Secrets and `ConfigMaps`.

use serde_json::Value;

use super::Problems;
use crate::sandbox::json::text;

pub(super) fn secret(object: &Value, problems: &mut Problems) {
    keys(object, "data", problems);
    if text(object, "/type") == Some("kubernetes.io/tls") {
        for name in ["tls.crt", "tls.key"] {
            if object.get("data").and_then(|data| data.get(name)).is_none() {
                problems.add(&format!("data[{name}]"), "Required value");
            }
        }
    }
}

pub(super) fn config(object: &Value, problems: &mut Problems) {
    keys(object, "data", problems);
}

/// Checks the names of the values.
fn keys(object: &Value, field: &str, problems: &mut Problems) {
    for name in object.get(field).and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
        let valid = !name.is_empty()
            && name.len() <= 253
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && name != "."
            && !name.starts_with("..");
        if !valid {
            problems.add(
                &format!("{field}[{name}]"),
                format!(
                    "Invalid value: {name:?}: a valid config key must consist of alphanumeric characters, '-', '_' or \
                     '.'"
                ),
            );
        }
    }
}
