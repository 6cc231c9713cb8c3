//! Follows a run from its first event to its outcome.

use cht_k8s::{Event, Failure, Outcome, Success};
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::cli::RunFormat;
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::progress::Progress;
use crate::{event_lines, report, signals};

/// Shows a run while it goes on, and reports how it ended; `succeeded` says what came of it to a person.
pub(super) async fn follow(
    mut events: BoxStream<'static, Event>,
    mut progress: Progress,
    output: impl Into<RunFormat>,
    succeeded: impl FnOnce(&Outcome, &Success) -> String,
) -> Exit {
    let output = output.into();
    while let Some(event) = events.next().await {
        progress.show(&event);
        if let Event::Finished(outcome) = &event {
            let exit = finish(outcome, output, succeeded);
            return event_lines::ended(&event, exit);
        }
        event_lines::write(&event);
    }
    report::failure(output, Exit::Bug, "the run ended without an outcome", None)
}

fn finish(outcome: &Outcome, output: RunFormat, succeeded: impl FnOnce(&Outcome, &Success) -> String) -> Exit {
    let exit = match &outcome.result {
        Ok(_) => Exit::Ok,
        Err(Failure::Interrupted) => signals::interrupted(),
        Err(failure) => failure.into(),
    };
    if let Err(failure) = &outcome.result {
        report::text::failure(failure);
    }
    match (output, &outcome.result) {
        (RunFormat::Json, _) => print_json(&report::json::outcome(outcome, exit), exit),
        (RunFormat::Text, Ok(success)) => print(&succeeded(outcome, success), exit),
        (RunFormat::Text, Err(_)) | (RunFormat::Ndjson, _) => exit,
    }
}
