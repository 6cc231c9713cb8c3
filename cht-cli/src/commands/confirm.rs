//! Asks a person before something stops serving.

use std::io::{BufRead, IsTerminal};

use crate::cli::RunFormat;
use crate::exit::Exit;
use crate::output::explain;
use crate::report;

/// Ends the command where nobody can be asked `whether`.
pub(super) fn require_terminal(whether: &str, output: RunFormat) -> Result<(), Exit> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    let message = format!("nobody can be asked whether {whether}");
    Err(report::failure(output, Exit::Usage, &message, Some("say so with --yes")))
}

/// Asks whether to go on, and ends the command where the answer is no.
pub(super) fn confirm(what: &str, output: RunFormat) -> Result<(), Exit> {
    if ask(&format!("{what}. Go on?")) {
        Ok(())
    } else {
        Err(report::failure(output, Exit::Usage, "not confirmed; nothing was changed", None))
    }
}

/// Whether a person says yes to a question.
pub(super) fn ask(question: &str) -> bool {
    explain(&format!("{question} [y/N]"));
    matches!(line().as_deref(), Some("y" | "Y" | "yes"))
}

/// Whether a person at a terminal types a name, to say that what is stored may go.
pub(super) fn type_name(what: &str, name: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    explain(&format!("{what}. Type {name} to go on:"));
    line().as_deref() == Some(name)
}

fn line() -> Option<String> {
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).ok()?;
    Some(answer.trim().to_owned())
}
