//! `cht man`

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man as Page;

use crate::cli::Man;
use crate::exit::Exit;
use crate::output::{explain, print};
use crate::program;

const SOURCE: &str = concat!("cht ", env!("CARGO_PKG_VERSION"));

pub(super) fn run(args: &Man) -> Exit {
    let mut command = program::command();
    command.build();
    match &args.out {
        None => match text(&command) {
            Ok(page) => print(&page, Exit::Ok),
            Err(error) => failed("the page", &error, Exit::Bug),
        },
        Some(folder) => match write(&command, folder) {
            Ok(()) => Exit::Ok,
            Err(error) => failed(&folder.display().to_string(), &error, Exit::Usage),
        },
    }
}

fn failed(what: &str, error: &io::Error, exit: Exit) -> Exit {
    explain(&format!("error: {what} cannot be written: {error}"));
    exit
}

/// Writes the page of a command, and those of its own commands.
fn write(command: &Command, folder: &Path) -> io::Result<()> {
    std::fs::write(folder.join(format!("{}.1", page_name(command))), text(command)?)?;
    command.get_subcommands().try_for_each(|command| write(command, folder))
}

/// `cht-values-show`
fn page_name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn text(command: &Command) -> io::Result<String> {
    let mut page = Vec::new();
    Page::new(command.clone()).title(page_name(command)).source(SOURCE).manual("Manual of cht").render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
