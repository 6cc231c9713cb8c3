//! `cht history`

use cht_k8s::RecordError;
use serde_json::json;

use super::prepare;
use crate::cli::{History, OutputFormat};
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::report;

pub(super) async fn run(args: History) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let refused = |error: RecordError| {
        let hint =
            matches!(error, RecordError::NoRevision { .. }).then_some("without a number, all of them are listed");
        report::failure(output, Exit::from(&error), &error.to_string(), hint)
    };
    match args.revision {
        None => {
            let revisions = cht_k8s::history(&*target.cluster, &instance).await.map_err(refused)?;
            Ok(match output {
                OutputFormat::Text => print(&report::history::table(instance.project().as_str(), &revisions), Exit::Ok),
                OutputFormat::Json => {
                    print_json(&json!({ "exit_code": Exit::Ok.code(), "revisions": revisions }), Exit::Ok)
                }
            })
        }
        Some(number) => {
            let revision = cht_k8s::revision(&*target.cluster, &instance, number).await.map_err(refused)?;
            Ok(match output {
                OutputFormat::Text => print(&report::history::whole(&revision), Exit::Ok),
                OutputFormat::Json => {
                    print_json(&json!({ "exit_code": Exit::Ok.code(), "revision": revision }), Exit::Ok)
                }
            })
        }
    }
}
