//! `cht deploy`

mod offer;

use std::path::Path;
use std::sync::Arc;

use cht_k8s::event_record::RunFinished;
use cht_k8s::{ClusterError, Event, PlanError, PlanRecord, RunId, StalePlan, Stop};
use cht_model::Instance;
use futures::stream::BoxStream;
use serde_json::{Map, Value};

use self::offer::Offer;
use super::follow::follow_with;
use super::{command_line, instance};
use crate::cli::{ApplyArgs, Deploy, RunFormat, ValuesArgs};
use crate::exit::Exit;
use crate::output::{explain, print_json};
use crate::progress::Progress;
use crate::target::{self, Target};
use crate::{event_lines, plan_file, report, signals};

pub(super) async fn run(args: Deploy) -> Result<Exit, Exit> {
    let output = args.output.output;
    let approved = args.plan.as_deref().map(|path| approved(path, output)).transpose()?;
    let instance = instance(&args.values, output)?;
    let offer = Offer::of(&instance, &args);
    let target = match target::target(&args.target).await {
        Ok(target) => target,
        Err(error) => return Box::pin(offer.instead_of(args, error.exit, &error.message, Some(error.hint))).await,
    };
    let deployment = Deployment {
        values: &args.values,
        apply: args.apply.clone(),
        output,
        approved,
        progress: Progress::new(args.apply.quiet, target.verbose),
        run: event_lines::started("deploy", &instance, &target),
        stop: stop_on_signals(),
        more: String::new(),
        details: Map::new(),
    };
    match Box::pin(deploy(instance, &target, deployment, |events| events)).await {
        Ok(exit) => Ok(exit),
        Err(error @ PlanError::Cluster(ClusterError::Unreachable { .. })) => {
            Box::pin(offer.instead_of(args, Exit::from(&error), &error.to_string(), None)).await
        }
        Err(error) => Err(report::failure(output, Exit::from(&error), &error.to_string(), None)),
    }
}

fn stop_on_signals() -> Stop {
    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    stop
}

/// A deploy of an instance to a cluster.
pub(super) struct Deployment<'v> {
    pub(super) values: &'v ValuesArgs,
    pub(super) apply: ApplyArgs,
    pub(super) output: RunFormat,
    /// The plan that it must be.
    pub(super) approved: Option<PlanRecord>,
    pub(super) progress: Progress,
    pub(super) run: RunId,
    pub(super) stop: Stop,
    /// What a person is told at the end besides.
    pub(super) more: String,
    /// What programs are told at the end besides.
    pub(super) details: Map<String, Value>,
}

/// Deploys. Whatever keeps it from being planned is left to the caller to report; everything else is reported here.
pub(super) async fn deploy(
    instance: Instance,
    target: &Target,
    deployment: Deployment<'_>,
    seen: impl FnOnce(BoxStream<'static, Event>) -> BoxStream<'static, Event>,
) -> Result<Exit, PlanError> {
    let Deployment { values, apply, output, approved, progress, run, stop, more, details } = deployment;
    let title = format!("{}: CHT {}", instance.project(), instance.version());
    progress.say(&format!("{title} to namespace {} of {}", instance.namespace(), target.name));

    let Some(plan) = stop.or(cht_k8s::plan(&*target.cluster, instance)).await else {
        return Ok(report::failure(output, signals::interrupted(), "interrupted; nothing was changed", None));
    };
    let plan = plan?;
    if !apply.quiet && !plan.is_unchanged() {
        explain(&report::plan::changes(&plan).join("\n"));
    }
    let plan = match approved {
        None => plan,
        Some(record) => match plan.approved(record) {
            Ok(plan) => plan,
            Err(error) => return Ok(stale(&error, output)),
        },
    };
    let options = apply.options(run, stop);
    let events = seen(cht_k8s::deploy(Arc::clone(&target.cluster), plan, options));
    let again = command_line("status", values, target);
    let succeeded = |outcome: &_, success: &_| report::text::success(&title, outcome, success, &again) + &more;
    Ok(follow_with(events, progress, output, details, succeeded).await)
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
