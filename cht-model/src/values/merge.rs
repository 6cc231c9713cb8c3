//! Several layers to one: later ones win, sections merge, anything else replaces.

use super::document::{Map, Value};

/// Lays a later layer's values over earlier ones. A key without a value takes the earlier one away.
pub(crate) fn merge(below: &mut Map, above: Map) {
    for entry in above.0 {
        let Some(index) = below.0.iter().position(|earlier| earlier.key == entry.key) else {
            below.0.push(entry);
            continue;
        };
        let earlier = &mut below.0[index];
        match (&mut earlier.node.value, entry.node.value) {
            (Value::Map(lower), Value::Map(upper)) => merge(lower, upper),
            (_, value) => {
                earlier.node.value = value;
                earlier.node.span = entry.node.span;
                earlier.node.last_line = entry.node.last_line;
                earlier.key_span = entry.key_span;
            }
        }
    }
}
