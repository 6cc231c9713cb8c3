//! `cht tls renew`

use cht_k8s::Internet;

use super::replace::{refused, replace};
use crate::cli::TlsRenew;
use crate::commands::prepare;
use crate::exit::Exit;

pub(super) async fn run(args: TlsRenew) -> Result<Exit, Exit> {
    let output = args.write.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let replacement = cht_k8s::tls::renewal(&*target.cluster, &instance, &Internet::new())
        .await
        .map_err(|error| refused(&error, output))?;
    replace(&instance, &target, replacement, args.write).await
}
