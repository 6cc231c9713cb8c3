//! `cht deploy`

use std::path::Path;
use std::sync::Arc;

use cht_k8s::event_record::RunFinished;
use cht_k8s::{PlanRecord, StalePlan, Stop};

use super::follow::follow;
use super::{command_line, prepare};
use crate::cli::{Deploy, RunFormat};
use crate::exit::Exit;
use crate::output::{explain, print_json};
use crate::progress::Progress;
use crate::{event_lines, plan_file, report, signals};

pub(super) async fn run(args: Deploy) -> Result<Exit, Exit> {
    let output = args.output.output;
    let approved = args.plan.as_deref().map(|path| approved(path, output)).transpose()?;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let run = event_lines::started("deploy", &instance, &target);
    let title = format!("{}: CHT {}", instance.project(), instance.version());
    let progress = Progress::new(args.apply.quiet, target.verbose);
    progress.say(&format!("{title} to namespace {} of {}", instance.namespace(), target.name));

    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let plan = match stop.or(cht_k8s::plan(&*target.cluster, instance)).await {
        Some(Ok(plan)) => plan,
        Some(Err(error)) => return Err(report::failure(output, Exit::from(&error), &error.to_string(), None)),
        None => return Err(report::failure(output, signals::interrupted(), "interrupted; nothing was changed", None)),
    };
    if !args.apply.quiet && !plan.is_unchanged() {
        explain(&report::plan::changes(&plan).join("\n"));
    }
    let plan = match approved {
        Some(record) => plan.approved(record).map_err(|error| stale(&error, output))?,
        None => plan,
    };
    let options = args.apply.options(run, stop);
    let events = cht_k8s::deploy(Arc::clone(&target.cluster), plan, options);
    let again = command_line("status", &args.values, &target);
    let succeeded = |outcome: &_, success: &_| report::text::success(&title, outcome, success, &again);
    Ok(follow(events, progress, output, succeeded).await)
}

fn approved(path: &Path, output: RunFormat) -> Result<PlanRecord, Exit> {
    plan_file::read(path).map_err(|message| report::failure(output, Exit::Usage, &message, None))
}

/// Reports that something else would be done than was approved.
fn stale(stale: &StalePlan, output: RunFormat) -> Exit {
    report::text::stale_plan(stale);
    match output {
        RunFormat::Text => Exit::StalePlan,
        RunFormat::Ndjson => event_lines::end(RunFinished::stale(stale), Exit::StalePlan),
        RunFormat::Json => {
            let mut result = report::json::stale_plan(stale);
            result["exit_code"] = Exit::StalePlan.code().into();
            print_json(&result, Exit::StalePlan)
        }
    }
}
