//! `cht open`

use std::io::{ErrorKind, IsTerminal};
use std::sync::Arc;

use cht_k8s::{Forward, ForwardError, Stop};
use cht_manifests::Component;
use tokio::net::TcpListener;

use crate::cli::{Open, RunFormat};
use crate::exit::Exit;
use crate::output::{explain, print};
use crate::place::{Place, place};
use crate::{report, signals};

/// The port that the API listens at in its pod: people know it.
const USUAL_PORT: u16 = 5988;

const OUTPUT: RunFormat = RunFormat::Text;

pub(super) async fn run(args: Open) -> Result<Exit, Exit> {
    let Place { namespace, instance, target } = place(args.place, &args.target, OUTPUT).await?;
    if let Some(instance) = instance.filter(|_| args.address) {
        let address = instance.address();
        show(&address, args.print);
        return Ok(print(&format!("{address}\n"), Exit::Ok));
    }
    let forward = Forward::to(Arc::clone(&target.cluster), namespace.as_str(), Component::Api).await;
    let forward = forward.map_err(|error| refused(&error))?;
    let listener = listen(args.port).await?;
    let port = listener.local_addr().map_err(|error| unusable(args.port, &error))?.port();
    let address = format!("http://localhost:{port}");
    explain(&format!("leads to the API in namespace {namespace} of {}, until interrupted", target.name));
    let exit = print(&format!("{address}\n"), Exit::Ok);
    show(&address, args.print);

    let stop = Stop::new();
    signals::end_on_signals(stop.clone());
    let lost = |error: &ForwardError| explain(&format!("a connection was lost: {error}"));
    match forward.serve(listener, &stop, lost).await {
        Ok(()) if stop.is_stopped() => Ok(signals::interrupted()),
        Ok(()) => Ok(exit),
        Err(error) => {
            Err(report::failure(OUTPUT, Exit::Bug, &format!("no connections are taken any more: {error}"), None))
        }
    }
}

fn refused(error: &ForwardError) -> Exit {
    let (exit, hint) = match error {
        ForwardError::Cluster(error) => (Exit::from(error), None),
        ForwardError::NotThere { .. } => (
            Exit::Preflight,
            Some("deploy the instance first, or look whether namespace and cluster are the right ones"),
        ),
        ForwardError::NotReady { .. } => (Exit::Workload, Some("cht status says why")),
    };
    report::failure(OUTPUT, exit, &error.to_string(), hint)
}

/// The port that was asked for; else the usual one, or any that is free.
async fn listen(asked: Option<u16>) -> Result<TcpListener, Exit> {
    let listener = match TcpListener::bind(("127.0.0.1", asked.unwrap_or(USUAL_PORT))).await {
        Err(error) if asked.is_none() && error.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind(("127.0.0.1", 0)).await
        }
        bound => bound,
    };
    listener.map_err(|error| unusable(asked, &error))
}

fn unusable(asked: Option<u16>, error: &std::io::Error) -> Exit {
    let message = format!("port {} cannot be used: {error}", asked.unwrap_or(USUAL_PORT));
    report::failure(OUTPUT, Exit::Usage, &message, Some("name another one with --port"))
}

/// Opens a browser for a person, where there is one.
fn show(address: &str, print_only: bool) {
    if !print_only && std::io::stdout().is_terminal() && ::open::that_detached(address).is_err() {
        explain("note: no browser could be opened: open the address yourself");
    }
}
