//! `cht status`

use std::pin::pin;
use std::sync::Arc;

use cht_k8s::{Event, Health};
use cht_model::Instance;
use futures::StreamExt;
use futures::future::{Either, select};
use serde_json::json;

use super::prepare;
use crate::cli::{OutputFormat, Status};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::progress::Progress;
use crate::target::Target;
use crate::{report, signals};

pub(super) async fn run(args: Status) -> Result<Exit, Exit> {
    let output = args.output.output;
    if args.watch && output == OutputFormat::Json {
        let hint = Some("leave out -o json, or --watch to see how it is now");
        return Err(report::failure(output, Exit::Usage, "what is followed has no end, and is no one document", hint));
    }
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    if args.watch { Ok(watch(instance, &target).await) } else { look(&instance, target, output).await }
}

async fn look(instance: &Instance, target: Target, output: OutputFormat) -> Result<Exit, Exit> {
    let status = cht_k8s::status(target.cluster, instance)
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
async fn watch(instance: Instance, target: &Target) -> Exit {
    let mut progress = Progress::of_watching();
    progress.say(&format!(
        "{}: CHT {} in namespace {} of {}, until interrupted",
        instance.project(),
        instance.version(),
        instance.namespace(),
        target.name
    ));
    let mut events = cht_k8s::watch_status(Arc::clone(&target.cluster), instance);
    let mut signal = pin!(signals::signal());
    while progress.is_read() {
        let event = match select(events.next(), signal).await {
            Either::Left((event, rest)) => {
                signal = rest;
                event
            }
            Either::Right((exit, _)) => {
                progress.end();
                return exit;
            }
        };
        match event {
            Some(Event::Finished(outcome)) => {
                progress.end();
                let Err(failure) = outcome.result else { return Exit::Ok };
                report::text::failure(&failure);
                return Exit::from(&failure);
            }
            Some(event) => progress.show(&event),
            None => return report::failure(OutputFormat::Text, Exit::Bug, "there is no more to follow", None),
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
