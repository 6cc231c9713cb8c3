//! `cht diff`

use cht_k8s::Plan;

use super::prepare;
use crate::cli::{Diff, OutputFormat};
use crate::exit::{self, Exit};
use crate::output::{print, print_json};
use crate::{plan_file, report};

pub(super) async fn run(args: Diff) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let plan = cht_k8s::plan(&*target.cluster, instance)
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))?;
    if let Some(path) = &args.out {
        plan_file::write(path, &plan.record())
            .map_err(|message| report::failure(output, Exit::Usage, &message, None))?;
    }
    let exit = exit(&plan);
    Ok(match output {
        OutputFormat::Json => print_json(&report::plan::json(&plan, target.cluster.requests(), exit), exit),
        OutputFormat::Text => print(&report::plan::text(&plan, &target.name), exit),
    })
}

fn exit(plan: &Plan) -> Exit {
    let refusals = plan.refusals();
    if !plan.risks().is_empty() {
        Exit::DataSafety
    } else if !refusals.is_empty() {
        exit::refused(&refusals)
    } else if plan.is_unchanged() {
        Exit::Ok
    } else {
        Exit::Pending
    }
}
