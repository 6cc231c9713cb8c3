//! `cht tls set`

use super::replace::{refused, replace};
use crate::cli::TlsSet;
use crate::commands::prepare;
use crate::exit::Exit;

pub(super) async fn run(args: TlsSet) -> Result<Exit, Exit> {
    let output = args.write.output.output;
    let (instance, target) = prepare(&args.values, &args.target, output).await?;
    let pair = cht_k8s::tls::read_pair(&args.cert, &args.key).map_err(|fault| refused(&fault.into(), output))?;
    let replacement =
        cht_k8s::tls::given(&*target.cluster, &instance, &pair).await.map_err(|error| refused(&error, output))?;
    replace(&instance, &target, replacement, args.write).await
}
