//! Replaces a certificate, once a person has seen by what.

use std::sync::Arc;
use std::time::Duration;

use cht_k8s::tls::{NotReplaced, Replacement};
use cht_k8s::{Counts, Failure, Options, Outcome, RunId, Stop};
use cht_model::{Instance, Platform, TlsSecret};
use serde_json::json;

use crate::cli::{OutputFormat, TlsWriteArgs};
use crate::commands::confirm::{confirm, require_terminal};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::progress::Progress;
use crate::target::Target;
use crate::{report, signals};

/// Reports why a certificate is not replaced.
pub(super) fn refused(error: &NotReplaced, output: OutputFormat) -> Exit {
    let exit = match error {
        NotReplaced::NotOurs { .. } | NotReplaced::Fault(_) => Exit::Usage,
        NotReplaced::Source(error) => Exit::from(error),
        NotReplaced::Cluster(error) => error.into(),
    };
    report::failure(output, exit, &error.to_string(), None)
}

/// Shows what is replaced by what, asks, and writes it.
pub(super) async fn replace(
    instance: &Instance,
    target: &Target,
    replacement: Replacement,
    args: TlsWriteArgs,
) -> Result<Exit, Exit> {
    let output = args.output.output;
    let secret = replacement.secret();
    let place = format!("{secret} in namespace {} of {}", instance.namespace(), target.name);
    explain(&report::tls::replacement(&replacement));
    if !args.yes {
        require_terminal("the certificate shall be replaced", output.into())?;
        confirm(&format!("{place} is written; ingress controllers serve it at once"), output.into())?;
    }
    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let (old, new, has_new_authority) =
        (replacement.old.clone(), replacement.new.clone(), replacement.has_new_authority);
    let options = Options { lock: args.lock.options(), run: RunId::new(), stop, ..Options::default() };
    let mut progress = Progress::new(false, target.verbose);
    let cluster = Arc::clone(&target.cluster);
    let written = cht_k8s::tls::replace(cluster, replacement, options, |event| progress.show(event)).await;
    if let Err(failure) = written {
        return Err(failed(failure, output));
    }
    if has_new_authority {
        explain("its authority is new: devices trust it once `cht tls ca` is installed on them");
    }
    if matches!(instance.platform(), Platform::K3s(ingress) if ingress.tls == TlsSecret::WhenPresent) {
        explain("the next `cht deploy` has the ingress serve it, where it does not yet");
    }
    Ok(match output {
        OutputFormat::Text => print(&format!("{place}: holds until {}\n", new.not_after), Exit::Ok),
        OutputFormat::Json => {
            let certificate = report::tls::certificate;
            print_json(
                &json!({
                    "exit_code": Exit::Ok.code(),
                    "secret": secret.to_string(),
                    "old": old.as_ref().map(certificate),
                    "new": certificate(&new),
                }),
                Exit::Ok,
            )
        }
    })
}

/// Reports why the certificate was not written, or not all of it.
fn failed(failure: Failure, output: OutputFormat) -> Exit {
    let exit = match &failure {
        Failure::Interrupted => signals::interrupted(),
        failure => failure.into(),
    };
    report::text::failure(&failure);
    match output {
        OutputFormat::Text => exit,
        OutputFormat::Json => {
            let outcome =
                Outcome { result: Err(failure), counts: Counts::default(), requests: 0, duration: Duration::ZERO };
            print_json(&report::json::outcome(&outcome, exit), exit)
        }
    }
}
