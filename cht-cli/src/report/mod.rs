//! What came of a command: as text for people, as JSON for programs.

pub(crate) mod describe;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod effective;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod logs;
pub(crate) mod migration;
pub(crate) mod plan;
pub(crate) mod resources;
pub(crate) mod seen;
mod table;
pub(crate) mod text;
pub(crate) mod tls;
pub(crate) mod values;
pub(crate) mod volumes;

use cht_k8s::LookError;
use cht_k8s::event_record::RunFinished;
use serde_json::json;

use crate::cli::RunFormat;
use crate::event_lines;
use crate::exit::Exit;
use crate::output::{explain, print_json};

/// Reports why something of a namespace cannot be shown.
pub(crate) fn look_refused(error: &LookError, output: impl Into<RunFormat>) -> Exit {
    let (exit, hint) = match error {
        LookError::Cluster(error) => (Exit::from(error), None),
        LookError::NoSuchComponent(_) | LookError::NoSuchContainer { .. } => (Exit::Usage, None),
        LookError::SecretsUnread(error) => {
            (Exit::from(error), Some("name the values that hold them (-f), or ask for the permission to read Secrets"))
        }
        _ => (Exit::Preflight, Some("`cht deploy` brings an instance there; `-n` names another namespace")),
    };
    let message = match error {
        LookError::SecretsUnread(cause) => format!("{error}: {cause}"),
        error => error.to_string(),
    };
    failure(output, exit, &message, hint)
}

/// Reports why a command did nothing.
pub(crate) fn failure(output: impl Into<RunFormat>, exit: Exit, message: &str, hint: Option<&str>) -> Exit {
    explain(&format!("error: {message}"));
    if let Some(hint) = hint {
        explain(&format!("hint: {hint}"));
    }
    match output.into() {
        RunFormat::Text => exit,
        RunFormat::Json => {
            print_json(&json!({ "exit_code": exit.code(), "outcome": "refused", "error": message, "hint": hint }), exit)
        }
        RunFormat::Ndjson => {
            let (error, hint) = (Some(message.to_owned()), hint.map(str::to_owned));
            event_lines::end(RunFinished { error, hint, ..RunFinished::early(exit.outcome()) }, exit)
        }
    }
}
