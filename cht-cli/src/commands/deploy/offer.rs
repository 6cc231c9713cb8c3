//! Offers a cluster of this machine where values are for one and none answers.

use std::io::IsTerminal;

use cht_model::{Environment, Instance, PlatformKind};

use crate::cli::{Deploy, RunFormat};
use crate::commands::confirm::ask;
use crate::commands::{up, values_flags};
use crate::exit::Exit;
use crate::output::explain;
use crate::{program, report};

/// Whether a cluster of this machine would do.
pub(super) struct Offer {
    would_do: bool,
}

impl Offer {
    /// It would where the values say so, and nobody has said which cluster it shall be.
    pub(super) fn of(instance: &Instance, args: &Deploy) -> Self {
        let is_local = instance.environment() == Environment::Local && instance.platform().kind() == PlatformKind::K3s;
        let target = &args.target;
        let is_chosen = target.sandbox.is_some() || target.kubeconfig.is_some() || target.context.is_some();
        Self { would_do: is_local && !is_chosen }
    }

    /// Reports why there is no cluster, and offers one in its place.
    pub(super) async fn instead_of(
        &self,
        args: Deploy,
        exit: Exit,
        message: &str,
        hint: Option<&str>,
    ) -> Result<Exit, Exit> {
        let output = args.output.output;
        if !self.would_do {
            return Err(report::failure(output, exit, message, hint));
        }
        let up = format!("{} up{}", program::name(), values_flags(&args.values));
        let is_asked =
            output == RunFormat::Text && args.plan.is_none() && args.values.files.iter().all(|file| file != "-");
        if is_asked && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
            explain(&format!("error: {message}"));
            if ask(&format!("These values are for a cluster of this machine. Get one to run now, with {up}?")) {
                return Box::pin(up::run(args.into())).await;
            }
            return Err(exit);
        }
        let offer = format!("these values are for a cluster of this machine; get one to run with: {up}");
        let hint = hint.map_or_else(|| offer.clone(), |hint| format!("{offer}; or {hint}"));
        Err(report::failure(output, exit, message, Some(&hint)))
    }
}
