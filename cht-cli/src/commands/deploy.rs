//! `cht deploy`

use std::sync::Arc;

use cht_k8s::{Event, Failure, Options, Outcome, Stop, Success};
use futures::StreamExt;

use super::{instance, no_target};
use crate::cli::{Deploy, OutputFormat};
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::progress::Progress;
use crate::report;
use crate::signals;
use crate::target::target;

pub(super) async fn run(args: Deploy) -> Exit {
    let output = args.output.output;
    let instance = match instance(&args.values, output) {
        Ok(instance) => instance,
        Err(exit) => return exit,
    };
    let target = match target(&args.target).await {
        Ok(target) => target,
        Err(error) => return no_target(&error, output),
    };
    let title = format!("{}: CHT {}", instance.project(), instance.version());
    let mut progress = Progress::new(args.quiet);
    progress.say(&format!("{title} to namespace {} of {}", instance.namespace(), target.name));

    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let plan = match stop.or(cht_k8s::plan(&*target.cluster, instance)).await {
        Some(Ok(plan)) => plan,
        Some(Err(error)) => return report::failure(output, Exit::from(&error), &error.to_string(), None),
        None => return report::failure(output, signals::interrupted(), "interrupted; nothing was changed", None),
    };
    let options = Options { timeout: args.timeout, allow: args.allow, stop };
    let mut events = cht_k8s::deploy(Arc::clone(&target.cluster), plan, options);
    while let Some(event) = events.next().await {
        progress.show(&event);
        if let Event::Finished(outcome) = event {
            let values: Vec<_> = args.values.files.iter().map(|file| format!(" -f {}", file.display())).collect();
            let again = format!("cht status{}{}", values.concat(), target.flag);
            return finish(&outcome, output, &title, &again);
        }
    }
    report::failure(output, Exit::Bug, "the run ended without an outcome", None)
}

fn finish(outcome: &Outcome, output: OutputFormat, title: &str, again: &str) -> Exit {
    let exit = match &outcome.result {
        Ok(_) => Exit::Ok,
        Err(Failure::Interrupted) => signals::interrupted(),
        Err(failure) => failure.into(),
    };
    if let Err(failure) = &outcome.result {
        report::text::failure(failure);
    }
    match (output, &outcome.result) {
        (OutputFormat::Json, _) => print_json(&report::json::outcome(outcome, exit), exit),
        (OutputFormat::Text, Ok(Success::Deployed { address, components })) => {
            let components: Vec<_> = components.iter().map(|one| format!("  {}", report::health::line(one))).collect();
            let took = report::text::time(outcome.duration);
            let counts = report::text::counts(outcome);
            let text = [
                format!("{title} is ready at {address}"),
                components.join("\n"),
                format!("took {took}: {counts}"),
                format!("look again with: {again}\n"),
            ];
            print(&text.join("\n"), exit)
        }
        (OutputFormat::Text, _) => exit,
    }
}
