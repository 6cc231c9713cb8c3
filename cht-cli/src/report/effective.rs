//! The values that count, for programs.

use cht_model::{EffectiveValues, Origin, Problems, ShownValue};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::report;

/// The values with their origins.
pub(crate) fn json(values: &EffectiveValues, warnings: &Problems) -> Value {
    let values = values.iter().map(|value| {
        let place = match &value.origin {
            Origin::Written(place) => Some(place),
            Origin::Default => None,
        };
        let text = match &value.value {
            ShownValue::Text(text) => Some(text),
            ShownValue::Hidden | ShownValue::Generated => None,
        };
        let position = place.and_then(cht_model::Place::position);
        json!({
            "key": value.key,
            "value": text,
            "hidden": value.value == ShownValue::Hidden,
            "generated": value.value == ShownValue::Generated,
            "default": value.origin == Origin::Default,
            "file": place.map(cht_model::Place::origin),
            "line": position.map(|position| position.line),
            "column": position.map(|position| position.column),
        })
    });
    json!({
        "exit_code": Exit::Ok.code(),
        "valid": true,
        "values": values.collect::<Value>(),
        "problems": report::values::json(warnings),
    })
}
