//! A text that is written line by line.

use std::fmt::{Arguments, Write};

/// The lines so far, each with its end.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Adds a line.
    pub(super) fn push(&mut self, line: Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "{line}");
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
