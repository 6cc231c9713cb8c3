//! `cht status --drift`

use cht_k8s::DriftError;
use cht_model::Instance;

use crate::cli::OutputFormat;
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::report;
use crate::target::Target;

pub(super) async fn look(instance: &Instance, target: &Target, output: OutputFormat) -> Result<Exit, Exit> {
    let drift = cht_k8s::drift(&*target.cluster, instance).await.map_err(|error| refused(&error, output))?;
    let exit = if drift.drifted.is_empty() { Exit::Ok } else { Exit::Drift };
    for note in &drift.notes {
        explain(&format!("note: {note}"));
    }
    Ok(match output {
        OutputFormat::Json => print_json(&report::drift::json(&drift, exit), exit),
        OutputFormat::Text => print(&report::drift::text(instance.project().as_str(), &drift), exit),
    })
}

fn refused(error: &DriftError, output: OutputFormat) -> Exit {
    let hint = match error {
        DriftError::NoRecord { .. } | DriftError::Uninstalled { .. } => {
            Some("`cht history` lists what was done; `cht diff` compares the values with the cluster")
        }
        DriftError::TooLarge { .. } => Some("`cht diff` compares the values with the cluster"),
        DriftError::Record(_) | DriftError::Cluster(_) => None,
    };
    report::failure(output, Exit::from(error), &error.to_string(), hint)
}
