//! Follows a run from its first event to its outcome.

use cht_k8s::{Event, Failure, Outcome, Success};
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::cli::OutputFormat;
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::progress::Progress;
use crate::{report, signals};

/// Shows a run while it goes on, and reports how it ended; `succeeded` says what came of it to a person.
pub(super) async fn follow(
    mut events: BoxStream<'static, Event>,
    mut progress: Progress,
    output: OutputFormat,
    succeeded: impl FnOnce(&Outcome, &Success) -> String,
) -> Exit {
    while let Some(event) = events.next().await {
        progress.show(&event);
        if let Event::Finished(outcome) = event {
            return finish(&outcome, output, succeeded);
        }
    }
    report::failure(output, Exit::Bug, "the run ended without an outcome", None)
}

fn finish(outcome: &Outcome, output: OutputFormat, succeeded: impl FnOnce(&Outcome, &Success) -> String) -> Exit {
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
        (OutputFormat::Text, Ok(success)) => print(&succeeded(outcome, success), exit),
        (OutputFormat::Text, Err(_)) => exit,
    }
}
