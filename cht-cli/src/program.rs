//! What this program is called: `cht`, or as a plugin of kubectl `kubectl cht`.

use std::path::Path;
use std::sync::OnceLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Error, FromArgMatches};

use crate::cli::Cli;
use crate::output::explain;

/// Under this file name kubectl finds it.
const PLUGIN: &str = "kubectl-cht";

/// Under this one kubectl asks for completions, since its version 1.26.
const COMPLETION: &str = "kubectl_complete-cht";

/// How people call it, also in what they are told to type next.
pub(crate) fn name() -> &'static str {
    static NAME: OnceLock<&str> = OnceLock::new();
    NAME.get_or_init(|| if is_plugin() { "kubectl cht" } else { "cht" })
}

/// The file that shells call.
pub(crate) fn file() -> &'static str {
    if is_plugin() { PLUGIN } else { "cht" }
}

/// Whether kubectl asks what may be typed behind `kubectl cht`.
pub(crate) fn completes_for_kubectl() -> bool {
    is_called(COMPLETION)
}

fn is_plugin() -> bool {
    is_called(PLUGIN) || completes_for_kubectl()
}

fn is_called(name: &str) -> bool {
    let called = std::env::args_os().next().unwrap_or_default();
    Path::new(&called).file_stem().is_some_and(|stem| stem == name)
}

/// The whole command line, with the name that it has here.
pub(crate) fn command() -> Command {
    Cli::command().bin_name(name())
}

/// What was typed. Ends the process where that is wrong, or asks for help.
pub(crate) fn arguments() -> Cli {
    let mut command = command();
    let typed = match command.try_get_matches_from_mut(std::env::args_os()) {
        Ok(typed) => typed,
        Err(error) => {
            let _ = error.print();
            if let Some(hint) = hint(&error) {
                explain(&format!("hint: {hint}"));
            }
            std::process::exit(error.exit_code())
        }
    };
    Cli::from_arg_matches(&typed).unwrap_or_else(|error| error.format(&mut command).exit())
}

/// What someone may do who has no file of values yet.
pub(crate) const WITHOUT_VALUES: &str =
    "`cht init` writes a first file of values, and `cht up` gets a development instance without one";

/// What to do where the parser's own words do not tell.
fn hint(error: &Error) -> Option<String> {
    match (error.kind(), error.get(ContextKind::InvalidArg)?) {
        (ErrorKind::MissingRequiredArgument, ContextValue::Strings(missing)) => {
            missing.iter().any(|name| name.contains(VALUES)).then(|| WITHOUT_VALUES.to_owned())
        }
        (ErrorKind::UnknownArgument, ContextValue::String(unknown)) if takes_values(error) => {
            if Path::new(unknown).extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                Some(format!("a file of values is given as -f {unknown}"))
            } else if unknown == "-n" || unknown == "--namespace" {
                Some("the namespace is the one that the values name: -f values.yaml".to_owned())
            } else {
                None
            }
        }
        _ => None,
    }
}

/// The flag of commands that need values.
const VALUES: &str = "--values <FILE>";

fn takes_values(error: &Error) -> bool {
    error.get(ContextKind::Usage).is_some_and(|usage| usage.to_string().contains(VALUES))
}
