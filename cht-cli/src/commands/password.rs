//! `cht password`

use cht_model::CredentialsSecret;
use secrecy::ExposeSecret;

use super::confirm::{confirm, require_terminal};
use crate::cli::{Password, RunFormat};
use crate::exit::Exit;
use crate::output::{explain, print};
use crate::place::{Place, place};
use crate::report;

pub(super) async fn run(args: Password) -> Result<Exit, Exit> {
    let output = RunFormat::Text;
    let Place { namespace, instance, target, .. } = place(args.place, &args.target, output).await?;
    let own = CredentialsSecret::OWN;
    let secret = instance.as_ref().map_or(own, |instance| instance.couchdb().credentials_secret.name());
    if !args.yes {
        require_terminal("the password shall be shown", output)?;
    }
    let found = cht_k8s::administrator(&*target.cluster, namespace.as_str(), secret)
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))?;
    let Some(administrator) = found else {
        let message =
            format!("there is no Secret/{secret} with an administrator in namespace {namespace} of {}", target.name);
        let hint =
            "the first deploy of an instance makes it; look whether the namespace and the cluster are the right ones";
        return Err(report::failure(output, Exit::Preflight, &message, Some(hint)));
    };
    if !args.yes {
        let who = format!("the password of {} in namespace {namespace} of {}", administrator.user, target.name);
        confirm(&format!("{who} will be shown here"), output)?;
    }
    explain(&format!("user: {}", administrator.user));
    Ok(print(&format!("{}\n", administrator.password.expose_secret()), Exit::Ok))
}
