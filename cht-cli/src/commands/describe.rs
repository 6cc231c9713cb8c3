//! `cht describe`

use crate::cli::{Describe, OutputFormat};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::place::{Place, place};
use crate::report;

pub(super) async fn run(args: Describe) -> Result<Exit, Exit> {
    let output = args.output.output;
    let Place { namespace, instance, target } = place(args.place, &args.target, output).await?;
    let described = cht_k8s::describe(&*target.cluster, namespace.as_str(), instance.as_ref(), &args.components)
        .await
        .map_err(|error| report::look_refused(&error, output))?;
    for note in &described.notes {
        explain(&format!("note: {note}"));
    }
    Ok(match output {
        OutputFormat::Text => print(&report::describe::text(&described), Exit::Ok),
        OutputFormat::Json => print_json(&report::describe::json(&described), Exit::Ok),
    })
}
