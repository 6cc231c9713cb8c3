//! What this program is called: `cht`, or as a plugin of kubectl `kubectl cht`.

use std::path::Path;
use std::sync::OnceLock;

use clap::{Command, CommandFactory, FromArgMatches};

use crate::cli::Cli;

/// Under this file name kubectl finds it.
const PLUGIN: &str = "kubectl-cht";

/// How people call it, also in what they are told to type next.
pub(crate) fn name() -> &'static str {
    static NAME: OnceLock<&str> = OnceLock::new();
    NAME.get_or_init(|| if is_plugin() { "kubectl cht" } else { "cht" })
}

/// The file that shells call.
pub(crate) fn file() -> &'static str {
    if is_plugin() { PLUGIN } else { "cht" }
}

fn is_plugin() -> bool {
    let called = std::env::args_os().next().unwrap_or_default();
    Path::new(&called).file_stem().is_some_and(|stem| stem == PLUGIN)
}

/// The whole command line, with the name that it has here.
pub(crate) fn command() -> Command {
    Cli::command().bin_name(name())
}

/// What was typed. Ends the process where that is wrong, or asks for help.
pub(crate) fn arguments() -> Cli {
    let mut command = command();
    let typed = command.get_matches_mut();
    Cli::from_arg_matches(&typed).unwrap_or_else(|error| error.format(&mut command).exit())
}
