//! What a migration of values changed, and why.

use cht_model::{Change, ChangeKind, Migration};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::output::explain as explain_line;
use crate::report;

/// Explains each change, and what is left to decide, on standard error.
pub(crate) fn explain(migration: &Migration, old_name: &str, new_name: &str) {
    for change in &migration.changes {
        let place = match change.old_line {
            Some(line) => format!("{old_name}:{line}"),
            None => format!("{new_name}:{}", change.new_line),
        };
        explain_line(&format!("{place}: {change}\n    {}", change.why));
    }
    report::values::explain(&migration.problems);
    let changes = match migration.changes.len() {
        0 => "nothing has to change".to_owned(),
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    match migration.problems.errors().count() {
        0 => explain_line(&format!("{changes}; the new values are valid")),
        1 => explain_line(&format!("error: {changes}; 1 problem is left to put right in {new_name}")),
        errors => explain_line(&format!("error: {changes}; {errors} problems are left to put right in {new_name}")),
    }
}

/// The same for programs.
pub(crate) fn json(migration: &Migration, new_name: &str, exit: Exit) -> Value {
    json!({
        "exit_code": exit.code(),
        "valid": migration.is_valid(),
        "file": new_name,
        "changes": migration.changes.iter().map(change).collect::<Value>(),
        "problems": report::values::json(&migration.problems),
    })
}

fn change(change: &Change) -> Value {
    let (what, from, to) = match &change.kind {
        ChangeKind::Replaced { from, to } => ("replaced", Some(from.as_str()), Some(to.as_str())),
        ChangeKind::Renamed { to } => ("renamed", Some(change.key.as_str()), Some(to.as_str())),
        ChangeKind::Added { to } => ("added", None, Some(to.as_str())),
        ChangeKind::CommentedOut => ("commented-out", None, None),
    };
    json!({
        "key": change.key,
        "change": what,
        "from": from,
        "to": to,
        "old_line": change.old_line,
        "new_line": change.new_line,
        "why": change.why,
    })
}
