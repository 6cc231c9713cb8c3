//! `cht`: deploys the Community Health Toolkit on Kubernetes.

mod cli;
mod commands;
mod event_lines;
mod exit;
mod new_file;
mod output;
mod place;
mod plan_file;
mod progress;
mod report;
mod signals;
mod target;
mod values;
mod verbose;

use clap::Parser;

fn main() -> std::process::ExitCode {
    commands::run(cli::Cli::parse()).into()
}
