//! What a stand-in writes to its container's log.

use std::fmt::Display;

/// Writes a line.
#[expect(clippy::print_stdout, reason = "a container's log is what it writes to its standard output")]
pub(super) fn say(line: impl Display) {
    println!("{line}");
}
