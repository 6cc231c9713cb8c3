//! `cht rollback`

use std::sync::Arc;

use cht_k8s::{Plan, PlanError, RollbackError, Stop};

use super::confirm::{confirm, require_terminal};
use super::follow::follow;
use super::{command_line, prepare};
use crate::cli::{Rollback, RunFormat};
use crate::exit::Exit;
use crate::output::explain;
use crate::progress::Progress;
use crate::{event_lines, report, signals};

pub(super) async fn run(args: Rollback) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let run = event_lines::started("rollback", &instance, &target);
    let project = instance.project().to_string();
    let place = format!("namespace {} of {}", instance.namespace(), target.name);
    let stop = Stop::new();
    if args.yes {
        signals::stop_on_signals(stop.clone());
    } else {
        require_terminal(&format!("{project} shall go back"), output)?;
    }
    let plan = match stop.or(cht_k8s::plan_rollback(&*target.cluster, &instance, args.revision)).await {
        Some(Ok(plan)) => plan,
        Some(Err(error)) => return Err(refused(&error, output)),
        None => return Err(report::failure(output, signals::interrupted(), "interrupted; nothing was changed", None)),
    };

    let title = format!("{project}: CHT {} ({})", plan.version(), plan.action());
    let progress = Progress::new(args.apply.quiet, target.verbose);
    progress.say(&format!("{title} in {place}"));
    let shows = !args.apply.quiet || !args.yes;
    if shows && !plan.is_unchanged() {
        explain(&report::plan::changes(&plan).join("\n"));
    }
    if !args.yes {
        if will_begin(&plan, &args) {
            confirm(&format!("{project} in {place} goes back; its data stays as it is"), output)?;
        }
        // Until here, an interruption ends the command at once, also while it waits for an answer.
        signals::stop_on_signals(stop.clone());
    }

    let options = args.apply.options(run, stop);
    let events = cht_k8s::deploy(Arc::clone(&target.cluster), plan, options);
    let again = command_line("status --drift", &args.values, &target);
    let forward = command_line("deploy", &args.values, &target);
    let succeeded = |outcome: &_, success: &_| {
        let done = report::text::success(&title, outcome, success, &again);
        format!("{done}the values are as they were: {forward} makes the cluster hold them\n")
    };
    Ok(follow(events, progress, output, succeeded).await)
}

/// Whether there is anything to ask: what is refused, or done already, changes nothing.
fn will_begin(plan: &Plan, args: &Rollback) -> bool {
    let is_allowed =
        plan.risks().iter().all(|risk| risk.rule.can_be_allowed() && args.apply.allow.contains(&risk.rule));
    is_allowed && plan.refusals().is_empty() && !plan.is_unchanged()
}

fn refused(error: &PlanError, output: RunFormat) -> Exit {
    let hint = match error {
        PlanError::Rollback(RollbackError::Nothing { .. } | RollbackError::NoRevision { .. }) => {
            Some("`cht history` lists the revisions that are kept")
        }
        _ => None,
    };
    report::failure(output, Exit::from(error), &error.to_string(), hint)
}
