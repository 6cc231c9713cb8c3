//! What came of a command: as text for people, as JSON for programs.

pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod plan;
pub(crate) mod text;
pub(crate) mod values;

use serde_json::json;

use crate::cli::OutputFormat;
use crate::exit::Exit;
use crate::output::{explain, print_json};

/// Reports why a command did nothing.
pub(crate) fn failure(output: OutputFormat, exit: Exit, message: &str, hint: Option<&str>) -> Exit {
    explain(&format!("error: {message}"));
    if let Some(hint) = hint {
        explain(&format!("hint: {hint}"));
    }
    match output {
        OutputFormat::Text => exit,
        OutputFormat::Json => {
            print_json(&json!({ "exit_code": exit.code(), "outcome": "refused", "error": message, "hint": hint }), exit)
        }
    }
}
