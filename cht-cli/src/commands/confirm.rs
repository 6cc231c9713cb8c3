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
    explain(&format!("{what}. Go on? [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(report::failure(output, Exit::Usage, "not confirmed; nothing was changed", None))
    }
}
