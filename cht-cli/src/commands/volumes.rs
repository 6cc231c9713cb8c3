//! `cht volumes`

use crate::cli::{OutputFormat, Volumes};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::place::{Place, place};
use crate::report;

pub(super) async fn run(args: Volumes) -> Result<Exit, Exit> {
    let output = args.output.output;
    let Place { namespace, instance, target } = place(args.place, &args.target, output).await?;
    let volumes = cht_k8s::volumes(&*target.cluster, namespace.as_str(), instance.as_ref())
        .await
        .map_err(|error| report::look_refused(&error, output))?;
    for note in &volumes.notes {
        explain(&format!("note: {note}"));
    }
    Ok(match output {
        OutputFormat::Text => print(&report::volumes::text(namespace.as_str(), &volumes), Exit::Ok),
        OutputFormat::Json => print_json(&report::json::looked(&volumes), Exit::Ok),
    })
}
