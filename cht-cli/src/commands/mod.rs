//! One file per command.

mod completions;
mod confirm;
mod deploy;
mod describe;
mod diff;
mod doctor;
mod down;
mod drift;
mod follow;
mod graph;
mod history;
mod init;
mod local;
mod logs;
mod man;
mod migrate_values;
mod open;
mod password;
mod render;
mod resources;
mod restart;
mod rollback;
mod schema;
mod status;
mod tls;
mod uninstall;
mod up;
mod validate;
mod values_show;
mod volumes;

use cht_model::{Checked, Instance};

use crate::cli::{Cli, Command, MigrateCommand, RunFormat, TargetArgs, ValuesArgs, ValuesCommand};
use crate::event_lines;
use crate::exit::Exit;
use crate::output::explain;
use crate::program;
use crate::report;
use crate::target::{self, Target};
use crate::values;

pub(crate) fn run(cli: Cli) -> Exit {
    if follows(&cli.command) == Some(RunFormat::Ndjson) {
        event_lines::begin();
    }
    let exit = match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Up(args) => wait(up::run(args)),
        Command::Down(args) => wait(down::run(args)),
        Command::Render(args) => render::run(&args),
        Command::Graph(args) => wait(graph::run(args)),
        Command::Validate(args) => validate::run(&args),
        Command::Doctor(args) => wait(doctor::run(args)),
        Command::Diff(args) => wait(diff::run(args)),
        Command::Deploy(args) => wait(deploy::run(args)),
        Command::Status(args) => wait(status::run(args)),
        Command::Open(args) => wait(open::run(args)),
        Command::Password(args) => wait(password::run(args)),
        Command::Logs(args) => wait(logs::run(args)),
        Command::Describe(args) => wait(describe::run(args)),
        Command::Resources(args) => wait(resources::run(args)),
        Command::Volumes(args) => wait(volumes::run(args)),
        Command::History(args) => wait(history::run(args)),
        Command::Rollback(args) => wait(rollback::run(args)),
        Command::Restart(args) => wait(restart::run(args)),
        Command::Uninstall(args) => wait(uninstall::run(args)),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Tls(command) => wait(tls::run(command)),
        Command::Schema(args) => schema::run(&args),
        Command::Values(ValuesCommand::Show(args)) => values_show::run(&args),
        Command::Migrate(MigrateCommand::Values(args)) => migrate_values::run(&args),
    };
    event_lines::ensure_ended(exit)
}

/// How a command reports that does something over time.
fn follows(command: &Command) -> Option<RunFormat> {
    match command {
        Command::Deploy(args) => Some(args.output.output),
        Command::Up(args) => Some(args.output.output),
        Command::Rollback(args) => Some(args.output.output),
        Command::Status(args) => Some(args.output.output),
        Command::Restart(args) => Some(args.output.output),
        Command::Uninstall(args) => Some(args.output.output),
        _ => None,
    }
}

/// Runs a command that talks to a cluster. What has ended it early is reported already.
fn wait(command: impl Future<Output = Result<Exit, Exit>>) -> Exit {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command).unwrap_or_else(|early| early),
        Err(error) => {
            explain(&format!("error: this machine does not let the command wait: {error}"));
            Exit::Bug
        }
    }
}

/// The instance that the values describe, with warnings and errors reported.
pub(crate) fn instance(args: &ValuesArgs, output: impl Into<RunFormat>) -> Result<Instance, Exit> {
    match values::instance(args) {
        Ok(Checked { value, warnings }) => {
            report::values::explain(&warnings);
            Ok(value)
        }
        Err(error) => Err(report::values::no_instance(&error, output)),
    }
}

/// The instance that the values describe and the cluster to work on, with warnings and errors reported.
async fn prepare(
    values: &ValuesArgs,
    target: &TargetArgs,
    output: impl Into<RunFormat>,
) -> Result<(Instance, Target), Exit> {
    let output = output.into();
    let instance = instance(values, output)?;
    let target = target::target(target)
        .await
        .map_err(|error| report::failure(output, error.exit, &error.message, Some(error.hint)))?;
    Ok((instance, target))
}

/// A command on the same values and cluster, to be typed. Values of `--set` are left out: they may be secret.
fn command_line(command: &str, values: &ValuesArgs, target: &Target) -> String {
    format!("{} {command}{}{}", program::name(), values_flags(values), target.flag)
}

/// The flags that name the files of values.
fn values_flags(values: &ValuesArgs) -> String {
    values.files.iter().map(|file| format!(" -f {}", file.display())).collect::<Vec<_>>().concat()
}
