//! `cht tls ca`

use crate::cli::{RunFormat, TlsCa};
use crate::commands::prepare;
use crate::exit::Exit;
use crate::output::print;
use crate::report;

pub(super) async fn run(args: TlsCa) -> Result<Exit, Exit> {
    let output = RunFormat::Text;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let found = cht_k8s::tls::authority_certificate(&*target.cluster, &instance)
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))?;
    let Some(certificate) = found else {
        let message = format!("namespace {} of {} has no authority of its own", instance.namespace(), target.name);
        let hint = "a deploy with cert_source: self-signed makes it";
        return Err(report::failure(output, Exit::Preflight, &message, Some(hint)));
    };
    Ok(print(&certificate, Exit::Ok))
}
