//! `cht status`

use cht_k8s::Health;
use serde_json::json;

use super::prepare;
use crate::cli::{OutputFormat, Status};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::report;

pub(super) async fn run(args: Status) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let status = cht_k8s::status(target.cluster, &instance)
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))?;
    let exit = exit(&status);
    for broken in &status.broken {
        explain(&report::health::broken(broken));
    }
    Ok(match output {
        OutputFormat::Json => {
            let result = json!({
                "exit_code": exit.code(),
                "address": status.address,
                "ready": status.is_ready(),
                "components": status.components.iter().map(report::json::component).collect::<Vec<_>>(),
                "problems": status.broken.iter().map(report::json::broken).collect::<Vec<_>>(),
            });
            print_json(&result, exit)
        }
        OutputFormat::Text => {
            let lines = status.components.iter().map(|component| report::health::line(component) + "\n");
            print(&format!("{}{}\n", lines.collect::<String>(), status.address), exit)
        }
    })
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
