//! The stand-in's life: it does what its role does, until it is told to end.

use std::io;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::control::Control;
use super::log::say;
use super::role::Role;
use super::{api, couchdb, haproxy, healthcheck, nouveau, sentinel, upgrade_service};

/// The variable of an image that holds its version.
pub(crate) const VERSION_VARIABLE: &str = "STAND_IN_VERSION";

/// Does nothing until a signal ends it: what holds a pod's namespaces.
///
/// # Errors
/// When no signal can be waited for.
pub async fn pause() -> io::Result<()> {
    told_to_end().await
}

/// Plays a role as the environment says, until a signal ends it, it is told to crash, or it cannot go on.
pub async fn play(role: Role) -> ExitCode {
    let control = match Control::of_environment(role, std::env::vars()) {
        Ok(control) => control,
        Err(error) => {
            say(format_args!("{role} does not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    tokio::select! {
        biased;
        ended = end(role, &control) => report(role, ended),
        code = control.crash() => {
            say(format_args!("{role} crashes with exit code {code}, as it was told"));
            ExitCode::from(code)
        }
        ended = control.serve() => report(role, ended),
        ended = listen(role, &control) => report(role, ended),
    }
}

fn report(role: Role, ended: io::Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("{role} cannot go on: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// A container's first process gets only the signals that it asks for.
async fn told_to_end() -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Ends in the time that it takes. CouchDB closes its files at last.
async fn end(role: Role, control: &Control) -> io::Result<()> {
    told_to_end().await?;
    control.pass(|settings| settings.stopping).await;
    if role == Role::CouchDb { couchdb::close() } else { Ok(()) }
}

/// Lives, but while it is deaf.
async fn listen(role: Role, control: &Control) -> io::Result<()> {
    let version = std::env::var(VERSION_VARIABLE).unwrap_or_default();
    say(format_args!("{role} {version} starts"));
    control.pass(|settings| settings.start).await;
    loop {
        tokio::select! {
            biased;
            () = control.until(|settings| settings.deaf) => say("deaf, as it was told"),
            ended = live(role, control, &version) => return ended,
        }
        control.until(|settings| !settings.deaf).await;
    }
}

async fn live(role: Role, control: &Control, version: &str) -> io::Result<()> {
    match role {
        Role::CouchDb => couchdb::live(control).await,
        Role::Nouveau => nouveau::live().await,
        Role::HaProxy => haproxy::live().await,
        Role::HealthCheck => healthcheck::live().await,
        Role::Api => api::live(control, version.to_owned()).await,
        Role::Sentinel => sentinel::live().await,
        Role::UpgradeService => upgrade_service::live().await,
    }
}
