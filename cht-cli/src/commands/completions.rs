//! `cht completions`

use crate::cli::Completions;
use crate::complete::registration;
use crate::exit::Exit;
use crate::output::{explain, print};

pub(super) fn run(args: &Completions) -> Exit {
    match registration(args.shell.name()) {
        Some(Ok(script)) => print(&script, Exit::Ok),
        Some(Err(error)) => fault(&error.to_string()),
        None => fault("there is no such shell"),
    }
}

fn fault(reason: &str) -> Exit {
    explain(&format!("error: the completions cannot be written: {reason}"));
    Exit::Bug
}
