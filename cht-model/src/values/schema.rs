//! The table of keys as a JSON Schema, for editors.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::keys::{self, Form, KEYS, Key, Lines};
use crate::{cpu, quantity};

/// What samples leave open, and references. Only validation can say whether it takes effect, or what it stands for.
const LEFT_OPEN: &str = r"<[^>]+>|\{\{.+\}\}|\$\{.+\}";

const UNKNOWN: &str = "This is not a key that CHT has, and has no effect. `cht validate` says which one may be meant.";

pub(super) fn schema() -> Value {
    let mut schema = section("");
    schema["type"] = json!(["object", "null"]);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "cht.values/v1".into();
    schema["description"] = "Values of a Community Health Toolkit instance, of every release line. A file may be one of several layers, so no \
        key must be there. `cht validate` checks the values as a whole."
        .into();
    schema
}

/// The section at a path, which is empty at the top. Nothing, an empty text and an empty list stand for one without keys.
fn section(path: &str) -> Value {
    let mut properties = Map::new();
    let mut patterns = Map::new();
    let below = |key: &'static Key| match path {
        "" => Some(key.path),
        _ => key.path.strip_prefix(path)?.strip_prefix('.'),
    };
    let mut sections = BTreeSet::new();
    for (key, rest) in KEYS.iter().filter_map(|key| Some((key, below(key)?))) {
        if let Some((inner, _)) = rest.split_once('.') {
            if sections.insert(inner) {
                properties.insert(inner.to_owned(), section(&keys::join(path, inner)));
            }
        } else if let Some(stem) = rest.strip_suffix("-N") {
            patterns.insert(format!("^{stem}-[1-9][0-9]*$"), value(key));
        } else {
            properties.insert(rest.to_owned(), value(key));
        }
    }
    let mut schema = json!({
        "type": ["object", "null", "string", "array"],
        "maxLength": 0,
        "maxItems": 0,
        "properties": properties,
        // The message makes editors warn, as validation does. Other programs pass over it.
        "additionalProperties": { "deprecationMessage": UNKNOWN },
    });
    if !patterns.is_empty() {
        schema["patternProperties"] = patterns.into();
    }
    schema
}

/// One key's value. An empty text and nothing at all count as left out, numbers for text stay as they are written.
fn value(key: &Key) -> Value {
    let text = |form: &str| format!("^$|^({form})$|{LEFT_OPEN}");
    let mut schema = match key.form {
        Form::Text => json!({ "type": ["string", "number", "boolean", "null"] }),
        Form::Matching(form) => json!({ "type": ["string", "number", "boolean", "null"], "pattern": text(form) }),
        Form::Choice(words) => json!({
            "anyOf": [{ "enum": words }, { "type": ["string", "null"], "pattern": format!("^$|{LEFT_OPEN}") }],
        }),
        Form::Boolean => {
            json!({ "type": ["boolean", "string", "null"], "pattern": text("true|True|TRUE|false|False|FALSE") })
        }
        Form::Number { least, most } => json!({
            "type": ["integer", "string", "null"],
            "minimum": least,
            "maximum": most,
            "pattern": text("[0-9]+"),
        }),
        Form::Cpu => {
            json!({ "type": ["string", "number", "null"], "exclusiveMinimum": 0, "pattern": text(cpu::FORM) })
        }
        Form::Size => {
            let units: Vec<_> = quantity::units().collect();
            let size = format!(r"[0-9]{{1,18}}(\.[0-9]{{1,18}})?({})?", units.join("|"));
            json!({ "type": ["string", "number", "null"], "exclusiveMinimum": 0, "pattern": text(&size) })
        }
    };
    schema["description"] = description(key).into();
    schema
}

fn description(key: &Key) -> String {
    let of_line = match key.lines {
        Lines::Both => String::new(),
        Lines::V4(None) => " Of 4.x alone.".to_owned(),
        Lines::V5(None) => " Of 5.x alone.".to_owned(),
        Lines::V4(Some(other)) => format!(" Of 4.x; 5.x calls it {other}."),
        Lines::V5(Some(other)) => format!(" Of 5.x; 4.x calls it {other}."),
    };
    // Words that are values stay as they are.
    if matches!(key.form, Form::Choice(_) | Form::Boolean) {
        return format!("{}.{of_line}", key.wants);
    }
    let mut letters = key.wants.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.{of_line}", letters.as_str())
}
