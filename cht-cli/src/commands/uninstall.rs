//! `cht uninstall`

use std::sync::Arc;

use cht_k8s::{Confirmed, DataFate, Failure, Stop, UninstallOptions};

use super::confirm::{confirm, require_terminal};
use super::follow::follow;
use super::{command_line, prepare};
use crate::cli::Uninstall;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{event_lines, report, signals};

pub(super) async fn run(args: Uninstall) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let run = event_lines::started("uninstall", &instance, &target);
    let title = instance.project().to_string();
    let place = format!("namespace {} of {}", instance.namespace(), target.name);
    let data = match &args.delete_data {
        None => DataFate::Keep,
        Some(typed) => DataFate::Delete(Confirmed::typed(&instance, typed).map_err(|refusal| {
            let exit = Exit::from(&Failure::NotConfirmed(refusal.clone()));
            report::failure(output, exit, &refusal.to_string(), Some("give --delete-data this instance's project name"))
        })?),
    };
    let its_data = if data == DataFate::Keep { "its data is kept" } else { "its data is deleted, too" };
    if !args.yes {
        require_terminal(&format!("{title} shall stop serving"), output)?;
        confirm(&format!("{title} in {place} will stop serving; {its_data}"), output)?;
    }
    let progress = Progress::new(args.quiet, target.verbose);
    progress.say(&format!("{title}: uninstalling from {place}; {its_data}"));

    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let options = UninstallOptions {
        timeout: args.timeout,
        data,
        lock: args.lock.options(),
        run,
        stop,
        ..UninstallOptions::default()
    };
    let events = cht_k8s::uninstall(Arc::clone(&target.cluster), instance, options);
    let again = command_line("deploy", &args.values, &target);
    let succeeded = |outcome: &_, success: &_| report::text::success(&title, outcome, success, &again);
    Ok(follow(events, progress, output, succeeded).await)
}
