//! `cht status`

use std::sync::Arc;

use cht_k8s::{Event, Health, Stop};
use cht_model::Instance;
use futures::StreamExt;
use serde_json::json;

use super::prepare;
use crate::cli::{OutputFormat, RunFormat, Status};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::progress::Progress;
use crate::target::Target;
use crate::{event_lines, report, signals};

pub(super) async fn run(args: Status) -> Result<Exit, Exit> {
    let output = args.output.output;
    match (args.watch, output) {
        (true, RunFormat::Json) => {
            let hint = Some("use -o ndjson, or leave out --watch to see how it is now");
            Err(report::failure(output, Exit::Usage, "what is followed has no end, and is no one document", hint))
        }
        (false, RunFormat::Ndjson) => {
            let hint = Some("use -o json, or --watch to see what changes from now on");
            Err(report::failure(output, Exit::Usage, "how an instance is now is one document, and no events", hint))
        }
        (true, RunFormat::Text | RunFormat::Ndjson) => {
            let (instance, target) = prepare(&args.values, &args.target, output).await?;
            Ok(watch(instance, &target, output).await)
        }
        (false, RunFormat::Text) => look(&args, OutputFormat::Text).await,
        (false, RunFormat::Json) => look(&args, OutputFormat::Json).await,
    }
}

async fn look(args: &Status, output: OutputFormat) -> Result<Exit, Exit> {
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    if args.drift {
        return super::drift::look(&instance, &target, output).await;
    }
    let status = cht_k8s::status(target.cluster, &instance)
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))?;
    let exit = exit(&status);
    for broken in &status.broken {
        explain(&report::health::broken(broken));
    }
    let notes = status.unchecked.iter().map(ToString::to_string).chain(status.notes.iter().cloned());
    for note in notes {
        explain(&format!("note: {note}"));
    }
    Ok(match output {
        OutputFormat::Json => {
            let unchecked =
                status.unchecked.iter().map(|unchecked| json!({ "what": unchecked.what, "why": unchecked.why }));
            let result = json!({
                "exit_code": exit.code(),
                "address": status.address,
                "ready": status.is_ready(),
                "components": status.components.iter().map(report::json::component).collect::<Vec<_>>(),
                "problems": status.broken.iter().map(report::json::broken).collect::<Vec<_>>(),
                "not_checked": unchecked.collect::<Vec<_>>(),
                "notes": status.notes,
            });
            print_json(&result, exit)
        }
        OutputFormat::Text => {
            for hint in report::health::hints(&status.components) {
                explain(&hint);
            }
            let lines = status.components.iter().map(|component| report::health::line(component) + "\n");
            print(&format!("{}{}\n", lines.collect::<String>(), status.address), exit)
        }
    })
}

/// Shows every change until a signal comes, the cluster is lost, or nobody reads any more.
async fn watch(instance: Instance, target: &Target, output: RunFormat) -> Exit {
    let _ = event_lines::started("watch", &instance, target);
    let verbose = target.verbose;
    let mut progress =
        if output == RunFormat::Text { Progress::of_watching(verbose) } else { Progress::new(false, verbose) };
    progress.say(&format!(
        "{}: CHT {} in namespace {} of {}, until interrupted",
        instance.project(),
        instance.version(),
        instance.namespace(),
        target.name
    ));
    let stop = Stop::new();
    signals::end_on_signals(stop.clone());
    let mut events = cht_k8s::watch_status(Arc::clone(&target.cluster), instance);
    while progress.is_read() && event_lines::are_read() {
        match stop.or(events.next()).await {
            None => {
                progress.end();
                return signals::interrupted();
            }
            Some(Some(event)) => {
                progress.show(&event);
                if let Event::Finished(outcome) = &event {
                    let Err(failure) = &outcome.result else { return event_lines::ended(&event, Exit::Ok) };
                    report::text::failure(failure);
                    return event_lines::ended(&event, Exit::from(failure));
                }
                event_lines::write(&event);
            }
            Some(None) => return report::failure(output, Exit::Bug, "there is no more to follow", None),
        }
    }
    Exit::Ok
}

fn exit(status: &cht_k8s::Status) -> Exit {
    let mut components = status.components.iter();
    if status.is_ready() {
        Exit::Ok
    } else if components.any(|component| matches!(component.health, Health::Failed(_) | Health::Degraded(_))) {
        Exit::Workload
    } else {
        Exit::TimedOut
    }
}
