//! `cht`: deploys the Community Health Toolkit on Kubernetes.

mod cli;
mod commands;
mod complete;
mod event_lines;
mod exit;
mod new_file;
mod output;
mod place;
mod plan_file;
mod program;
mod progress;
mod report;
mod signals;
mod target;
mod values;
mod verbose;

fn main() -> std::process::ExitCode {
    complete::if_asked().unwrap_or_else(|| commands::run(program::arguments())).into()
}
