//! `cht tls status`

use crate::cli::{OutputFormat, TlsStatus};
use crate::commands::prepare;
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::report;

pub(super) async fn run(args: TlsStatus) -> Result<Exit, Exit> {
    let output = args.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let status = cht_k8s::tls::certificate_status(&*target.cluster, &instance)
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))?;
    let exit = if status.state.is_right() { Exit::Ok } else { Exit::Workload };
    Ok(match output {
        OutputFormat::Text => print(&report::tls::text(&status), exit),
        OutputFormat::Json => print_json(&report::tls::json(&status, exit), exit),
    })
}
