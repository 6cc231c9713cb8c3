//! `cht deploy`

use std::sync::Arc;

use cht_k8s::{Options, Stop};

use super::follow::follow;
use super::{command_line, prepare};
use crate::cli::Deploy;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{report, signals};

pub(super) async fn run(args: Deploy) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let title = format!("{}: CHT {}", instance.project(), instance.version());
    let progress = Progress::new(args.quiet);
    progress.say(&format!("{title} to namespace {} of {}", instance.namespace(), target.name));

    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let plan = match stop.or(cht_k8s::plan(&*target.cluster, instance)).await {
        Some(Ok(plan)) => plan,
        Some(Err(error)) => return Err(report::failure(output, Exit::from(&error), &error.to_string(), None)),
        None => return Err(report::failure(output, signals::interrupted(), "interrupted; nothing was changed", None)),
    };
    let options =
        Options { timeout: args.timeout, allow: args.allow, lock: args.lock.options(), stop, ..Options::default() };
    let events = cht_k8s::deploy(Arc::clone(&target.cluster), plan, options);
    let again = command_line("status", &args.values, &target);
    let succeeded = |outcome: &_, success: &_| report::text::success(&title, outcome, success, &again);
    Ok(follow(events, progress, output, succeeded).await)
}
