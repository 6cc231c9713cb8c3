//! Standard output, which holds the result and nothing else.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::exit::Exit;

/// Writes a result to standard output. A reader that has seen enough and closed the pipe is no error.
pub(crate) fn print(text: &str, exit: Exit) -> Exit {
    match write(text) {
        Ok(()) => exit,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit,
        Err(error) => {
            explain(&format!("error: the result could not be written: {error}"));
            Exit::Bug
        }
    }
}

/// Writes a part of a result to standard output, where it is at once.
///
/// # Errors
///
/// When it cannot be written, also because nobody reads it any more.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

/// Writes a result as JSON to standard output.
pub(crate) fn print_json(value: &impl Serialize, exit: Exit) -> Exit {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n"), exit),
        Err(error) => {
            explain(&format!("error: the result cannot be written as JSON: {error}"));
            Exit::Bug
        }
    }
}

/// Writes a line to standard error, where everything goes that is not the result.
pub(crate) fn explain(line: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(anstream::stderr(), "{line}");
}
