//! Follows a run from its first event to its outcome.

use cht_k8s::{Event, Failure, Outcome, Success};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::{Map, Value};

use crate::cli::RunFormat;
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::progress::Progress;
use crate::{event_lines, report, signals};

/// Shows a run while it goes on, and reports how it ended; `succeeded` says what came of it to a person.
pub(super) async fn follow(
    events: BoxStream<'static, Event>,
    progress: Progress,
    output: impl Into<RunFormat>,
    succeeded: impl FnOnce(&Outcome, &Success) -> String,
) -> Exit {
    follow_with(events, progress, output.into(), Map::new(), succeeded).await
}

/// The same, with more `details` in the JSON document of the end.
pub(super) async fn follow_with(
    mut events: BoxStream<'static, Event>,
    mut progress: Progress,
    output: RunFormat,
    details: Map<String, Value>,
    succeeded: impl FnOnce(&Outcome, &Success) -> String,
) -> Exit {
    while let Some(event) = events.next().await {
        progress.show(&event);
        if let Event::Finished(outcome) = &event {
            let exit = finish(outcome, output, details, succeeded);
            return event_lines::ended(&event, exit);
        }
        event_lines::write(&event);
    }
    report::failure(output, Exit::Bug, "the run ended without an outcome", None)
}

fn finish(
    outcome: &Outcome,
    output: RunFormat,
    details: Map<String, Value>,
    succeeded: impl FnOnce(&Outcome, &Success) -> String,
) -> Exit {
    let exit = match &outcome.result {
        Ok(_) => Exit::Ok,
        Err(Failure::Interrupted) => signals::interrupted(),
        Err(failure) => failure.into(),
    };
    if let Err(failure) = &outcome.result {
        report::text::failure(failure);
    }
    match (output, &outcome.result) {
        (RunFormat::Json, _) => {
            let mut result = report::json::outcome(outcome, exit);
            if let Some(result) = result.as_object_mut() {
                result.extend(details);
            }
            print_json(&result, exit)
        }
        (RunFormat::Text, Ok(success)) => print(&succeeded(outcome, success), exit),
        (RunFormat::Text, Err(_)) | (RunFormat::Ndjson, _) => exit,
    }
}
