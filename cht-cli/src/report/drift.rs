//! What is not as it was recorded: for people, and for programs.

use anstyle::AnsiColor;
use cht_k8s::{Drift, DriftClass, DriftedField, DriftedObject};
use serde_json::{Value, json};

use super::plan::{painted, value};
use crate::exit::Exit;

/// Each object that differs, with its fields.
pub(crate) fn text(project: &str, drift: &Drift) -> String {
    let revision =
        format!("revision {} ({}, CHT {})", drift.revision.number, drift.revision.action, drift.revision.version);
    let compared = drift.compared;
    let title = match drift.drifted.len() {
        0 => format!("{project} is as {revision} has left it: {compared} objects compared"),
        differ => format!("{project} is not as {revision} has left it: {differ} of {compared} objects differ"),
    };
    let lines = [title].into_iter().chain(drift.drifted.iter().flat_map(object));
    lines.map(|line| line + "\n").collect()
}

fn object(drifted: &DriftedObject) -> Vec<String> {
    let colour = match drifted.class {
        DriftClass::Missing | DriftClass::Deleting => AnsiColor::Red,
        DriftClass::Changed | DriftClass::Untried => AnsiColor::Yellow,
    };
    let class = painted(&format!("{:<9}", drifted.class.as_str()), colour);
    let fields = drifted.fields.iter().map(field);
    let owners = drifted.owners.iter().map(|owner| format!("{} is owned by {}", owner.field, owner.manager));
    let details = fields.chain(owners).chain(drifted.message.clone());
    let head = format!("  {class} {}", drifted.object);
    [head].into_iter().chain(details.map(|line| format!("            {line}"))).collect()
}

fn field(field: &DriftedField) -> String {
    let DriftedField { field, recorded, live } = field;
    format!("{field}: was {}, is {}", value(recorded.as_ref()), value(live.as_ref()))
}

/// The whole comparison, for programs.
pub(crate) fn json(drift: &Drift, exit: Exit) -> Value {
    let object = |drifted: &DriftedObject| {
        let field =
            |field: &DriftedField| json!({ "field": field.field, "recorded": field.recorded, "live": field.live });
        json!({
            "object": drifted.object.to_string(),
            "component": drifted.component.to_string(),
            "class": drifted.class.as_str(),
            "fields": drifted.fields.iter().map(field).collect::<Vec<_>>(),
            "owners": drifted.owners,
            "message": drifted.message,
        })
    };
    json!({
        "exit_code": exit.code(),
        "outcome": if drift.drifted.is_empty() { "as-recorded" } else { "drift" },
        "revision": drift.revision.number,
        "compared": drift.compared,
        "drift": drift.drifted.iter().map(object).collect::<Vec<_>>(),
        "notes": drift.notes,
    })
}
