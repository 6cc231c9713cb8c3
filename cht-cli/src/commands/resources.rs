//! `cht resources`

use crate::cli::{OutputFormat, Resources};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::place::{Place, place};
use crate::report;

pub(super) async fn run(args: Resources) -> Result<Exit, Exit> {
    let output = args.output.output;
    let Place { namespace, target, .. } = place(args.place, &args.target, output).await?;
    let resources = cht_k8s::resources(&*target.cluster, namespace.as_str())
        .await
        .map_err(|error| report::look_refused(&error, output))?;
    for note in &resources.notes {
        explain(&format!("note: {note}"));
    }
    Ok(match output {
        OutputFormat::Text => print(&report::resources::text(&resources), Exit::Ok),
        OutputFormat::Json => print_json(&report::json::looked(&resources), Exit::Ok),
    })
}
