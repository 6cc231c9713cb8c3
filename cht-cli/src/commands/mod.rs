//! One file per command.

mod deploy;
mod render;
mod status;
mod uninstall;
mod validate;

use cht_model::{Checked, Instance};

use crate::cli::{Cli, Command, OutputFormat, ValuesArgs};
use crate::exit::Exit;
use crate::output::explain;
use crate::report;
use crate::target::NoTarget;
use crate::values::{self, ValuesError};

pub(crate) fn run(cli: Cli) -> Exit {
    match cli.command {
        Command::Render(args) => render::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Deploy(args) => wait(deploy::run(args)),
        Command::Status(args) => wait(status::run(args)),
        Command::Uninstall(args) => wait(uninstall::run(args)),
    }
}

/// Runs a command that talks to a cluster.
fn wait(command: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => {
            explain(&format!("error: this machine does not let the command wait: {error}"));
            Exit::Bug
        }
    }
}

/// The instance that the values describe, with warnings and errors reported.
fn instance(args: &ValuesArgs, output: OutputFormat) -> Result<Instance, Exit> {
    match values::instance(args) {
        Ok(Checked { value, warnings }) => {
            report::values::explain(&warnings);
            Ok(value)
        }
        Err(ValuesError::Unreadable(message)) => Err(report::failure(output, Exit::Usage, &message, None)),
        Err(ValuesError::Wrong(problems)) => Err(report::values::refuse(&problems, output)),
    }
}

fn no_target(error: &NoTarget, output: OutputFormat) -> Exit {
    report::failure(output, error.exit, &error.message, Some(error.hint))
}
