//! What came of a command: as text for people, as JSON for programs.

pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod effective;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod migration;
pub(crate) mod plan;
pub(crate) mod seen;
pub(crate) mod text;
pub(crate) mod tls;
pub(crate) mod values;

use cht_k8s::event_record::RunFinished;
use serde_json::json;

use crate::cli::RunFormat;
use crate::event_lines;
use crate::exit::Exit;
use crate::output::{explain, print_json};

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
