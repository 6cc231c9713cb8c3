//! `cht restart`

use std::sync::Arc;

use cht_k8s::Stop;

use super::follow::follow;
use super::{command_line, prepare};
use crate::cli::Restart;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{event_lines, report, signals};

pub(super) async fn run(args: Restart) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let components = cht_k8s::components_of(&instance, &args.components)
        .map_err(|error| report::failure(output, Exit::Usage, &error.to_string(), None))?;
    let run = event_lines::started("restart", &instance, &target);
    let title = instance.project().to_string();
    let progress = Progress::new(args.quiet, target.verbose);
    let names: Vec<_> = components.iter().map(ToString::to_string).collect();
    let place = format!("namespace {} of {}", instance.namespace(), target.name);
    progress.say(&format!("{title}: restarting {} in {place}", names.join(", ")));

    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let events = cht_k8s::restart(Arc::clone(&target.cluster), instance, components, args.options(run, stop));
    let again = command_line("status", &args.values, &target);
    let succeeded = |outcome: &_, success: &_| report::text::success(&title, outcome, success, &again);
    Ok(follow(events, progress, output, succeeded).await)
}
