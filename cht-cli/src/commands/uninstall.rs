//! `cht uninstall`

use std::io::{BufRead, IsTerminal};
use std::sync::Arc;

use cht_k8s::{Event, Failure, Outcome, Stop, Success, UninstallOptions};
use futures::StreamExt;

use super::{instance, no_target};
use crate::cli::{OutputFormat, Uninstall};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::progress::Progress;
use crate::report;
use crate::signals;
use crate::target::target;

pub(super) async fn run(args: Uninstall) -> Exit {
    let output = args.output.output;
    let instance = match instance(&args.values, output) {
        Ok(instance) => instance,
        Err(exit) => return exit,
    };
    let target = match target(&args.target).await {
        Ok(target) => target,
        Err(error) => return no_target(&error, output),
    };
    let title = instance.project().to_string();
    let place = format!("namespace {} of {}", instance.namespace(), target.name);
    if !args.yes
        && let Err(exit) = ask(&title, &place, output)
    {
        return exit;
    }
    let mut progress = Progress::new(args.quiet);
    progress.say(&format!("{title}: uninstalling from {place}"));

    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let options = UninstallOptions { timeout: args.timeout, stop };
    let mut events = cht_k8s::uninstall(Arc::clone(&target.cluster), instance, options);
    while let Some(event) = events.next().await {
        progress.show(&event);
        if let Event::Finished(outcome) = event {
            let values: Vec<_> = args.values.files.iter().map(|file| format!(" -f {}", file.display())).collect();
            let again = format!("cht deploy{}{}", values.concat(), target.flag);
            return finish(&outcome, output, &title, &again);
        }
    }
    report::failure(output, Exit::Bug, "the run ended without an outcome", None)
}

fn ask(title: &str, place: &str, output: OutputFormat) -> Result<(), Exit> {
    if !std::io::stdin().is_terminal() {
        let message = format!("nobody can be asked whether {title} shall stop serving");
        return Err(report::failure(output, Exit::Usage, &message, Some("say so with --yes")));
    }
    explain(&format!("{title} in {place} will stop serving; its data is kept. Go on? [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(report::failure(output, Exit::Usage, "not confirmed; nothing was changed", None))
    }
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
        (OutputFormat::Text, Ok(Success::Uninstalled { kept })) => {
            let kept = kept.iter().map(|object| format!("  {object}")).collect::<Vec<_>>().join("\n");
            let counts = report::text::counts(outcome);
            print(
                &format!(
                    "{title} does not run any more ({counts})\nkept, with all data:\n{kept}\nto run it again: {again}\n"
                ),
                exit,
            )
        }
        (OutputFormat::Text, _) => exit,
    }
}
