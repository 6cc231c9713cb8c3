//! A rendering as a list of its leaves: `KIND/NAME:FIELD`, with what the field has.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rendered::Rendered;

/// What tells the items of a list apart, where they have it.
const NAMES: [&str; 2] = ["name", "mountPath"];

/// Each leaf with its value, and each object by itself.
pub(super) fn leaves(rendered: &Rendered) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    for ((kind, name), object) in &rendered.0 {
        let place = format!("{kind}/{name}");
        leaves.insert(place.clone(), String::new());
        collect(&format!("{place}:"), object, &mut leaves);
    }
    leaves
}

fn collect(place: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(&format!("{place}.{key}"), value, leaves)),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let name = NAMES.iter().find_map(|name| item.get(name)?.as_str());
                let name = name.map_or_else(|| number.to_string(), str::to_owned);
                collect(&format!("{place}[{name}]"), item, leaves);
            }
        }
        Value::String(text) => drop(leaves.insert(place.to_owned(), text.clone())),
        other => drop(leaves.insert(place.to_owned(), other.to_string())),
    }
}
