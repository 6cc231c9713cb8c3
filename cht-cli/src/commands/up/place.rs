//! The cluster that `cht up` deploys to: of k3d, k3s, or in memory.

use std::io::IsTerminal;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use cht_local::{K3s, LocalError, Maker, Owner, Ports, Step, Wish, is_free};

use crate::cli::{RunFormat, TargetArgs, Up};
use crate::commands::confirm::ask;
use crate::commands::local::{failed, k3d, lock, name_flag, with_heartbeat};
use crate::exit::Exit;
use crate::output::explain;
use crate::progress::Progress;
use crate::target::{self, Target};
use crate::{program, report};

/// How long a k3s of this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A cluster that runs.
pub(super) struct Place {
    pub(super) target: Target,
    /// Where it is reached, where that is known.
    pub(super) ports: Option<Ports>,
    /// Its context in the kubeconfig.
    pub(super) context: Option<String>,
    /// Whether it was made now.
    pub(super) is_new: bool,
    /// Whether it is a real one, which may take a while until it is ready.
    pub(super) is_k3s: bool,
    /// Whether it has the Traefik of k3s for certain.
    pub(super) has_traefik: bool,
    /// The command that removes it.
    pub(super) down: Option<String>,
}

/// The cluster that the command line says, running.
pub(super) async fn find(args: &Up, owner: Owner, progress: &Progress) -> Result<Place, Exit> {
    let output = args.output.output;
    if args.cluster.sandbox.is_some() {
        let target = connect(args, args.cluster.sandbox.clone(), None, None).await?;
        let down = Some(format!("{} down{}", program::name(), target.flag));
        return Ok(Place { down, ..Place::of(target) });
    }
    if args.k3s {
        let k3s = K3s::of_this_machine()
            .map_err(|error| report::failure(output, Exit::Preflight, &error.to_string(), Some(&error.hint())))?;
        return on_k3s(args, k3s).await;
    }
    if let Ok(k3s) = K3s::of_this_machine()
        && is_yet_to_be_made(args).await
        && answers(args, &k3s).await
        && is_wanted(args, &k3s)
    {
        return on_k3s(args, k3s).await;
    }
    match on_k3d(args, owner, progress).await {
        Ok(place) => Ok(place),
        Err(Hindrance::Reported(exit)) => Err(exit),
        Err(Hindrance::Cluster(error)) => match (&error, K3s::of_this_machine()) {
            (error, Ok(k3s)) if has_no_engine(error) => offer(args, k3s, error).await,
            (error, _) => Err(failed(error, None, output)),
        },
    }
}

/// Whether k3d would work, and has no such cluster yet.
async fn is_yet_to_be_made(args: &Up) -> bool {
    matches!(k3d().find(&args.cluster.name).await, Ok(None))
}

/// Whether the k3s of this machine runs.
async fn answers(args: &Up, k3s: &K3s) -> bool {
    let to_k3s =
        TargetArgs { sandbox: None, kubeconfig: Some(k3s.kubeconfig.clone()), context: None, verbose: args.verbose };
    let answer = async { Some(target::target(&to_k3s).await.ok()?.cluster.server_info().await.is_ok()) };
    matches!(tokio::time::timeout(PATIENCE, answer).await, Ok(Some(true)))
}

/// Whether a person wants the k3s that runs rather than a new cluster. It may serve others, so it is never taken unasked.
fn is_wanted(args: &Up, k3s: &K3s) -> bool {
    let place = k3s.kubeconfig.display();
    if can_be_asked(args.output.output) {
        let name = &args.cluster.name;
        return ask(&format!(
            "k3s runs on this machine ({place}). Deploy to it, instead of making the k3d cluster {name}?"
        ));
    }
    if args.output.output == RunFormat::Text {
        explain(&format!("note: k3s runs on this machine ({place}): --k3s deploys to it instead"));
    }
    false
}

fn can_be_asked(output: RunFormat) -> bool {
    output == RunFormat::Text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether it is what k3d needs that is missing, rather than a cluster that is in the way.
fn has_no_engine(error: &LocalError) -> bool {
    matches!(
        error,
        LocalError::Missing { .. }
            | LocalError::TooOld { .. }
            | LocalError::EngineStopped { .. }
            | LocalError::EngineForbidden { .. }
            | LocalError::PodmanUnreachable { .. }
    )
}

/// Offers the k3s of this machine in place of k3d, which does not work. It may serve others, so it is never taken unasked.
async fn offer(args: &Up, k3s: K3s, error: &LocalError) -> Result<Place, Exit> {
    let output = args.output.output;
    if can_be_asked(output) {
        let question = format!("{error}. k3s runs on this machine ({}). Deploy to it?", k3s.kubeconfig.display());
        if ask(&question) {
            return on_k3s(args, k3s).await;
        }
    }
    Err(failed(error, Some("or use the k3s that is on this machine, with --k3s"), output))
}

async fn on_k3s(args: &Up, k3s: K3s) -> Result<Place, Exit> {
    let target = connect(args, None, Some(k3s.kubeconfig), None).await?;
    Ok(Place { is_k3s: true, ..Place::of(target) })
}

/// Why there is no cluster of k3d.
enum Hindrance {
    Cluster(LocalError),
    Reported(Exit),
}

async fn on_k3d(args: &Up, owner: Owner, progress: &Progress) -> Result<Place, Hindrance> {
    let name = &args.cluster.name;
    let _lock = lock(name, args.output.output).map_err(Hindrance::Reported)?;
    let address = IpAddr::V4(args.address);
    let wish = Wish {
        name: name.clone(),
        owner,
        address,
        timeout: args.cluster_timeout,
        free: &|port| is_free(address, port),
    };
    let say = |step| {
        progress.say(&match step {
            Step::Runs => format!("cluster {name}: runs already"),
            Step::Starting => format!("cluster {name}: is started again"),
            Step::Making(Ports { http, https }) => {
                format!("cluster {name}: is made, with the ports {http} and {https}")
            }
            Step::Remaking => format!("cluster {name}: was never finished, and is removed to be made anew"),
            Step::PortTaken(port) => format!("cluster {name}: port {port} is taken after all"),
        });
    };
    let maker = k3d();
    let what = format!("the cluster {name} comes up");
    let up = with_heartbeat(progress, &what, cht_local::up(&maker, &wish, &say)).await.map_err(Hindrance::Cluster)?;
    let target = connect(args, None, None, Some(up.context.clone())).await.map_err(Hindrance::Reported)?;
    Ok(Place {
        ports: Some(up.ports),
        context: Some(up.context),
        is_new: up.is_new,
        is_k3s: true,
        has_traefik: true,
        down: Some(format!("{} down{}", program::name(), name_flag(name))),
        ..Place::of(target)
    })
}

async fn connect(
    args: &Up,
    sandbox: Option<PathBuf>,
    kubeconfig: Option<PathBuf>,
    context: Option<String>,
) -> Result<Target, Exit> {
    let args_of_target = TargetArgs { sandbox, kubeconfig, context, verbose: args.verbose };
    let target = target::target(&args_of_target).await;
    target.map_err(|error| report::failure(args.output.output, error.exit, &error.message, Some(error.hint)))
}

impl Place {
    fn of(target: Target) -> Self {
        Self { target, ports: None, context: None, is_new: false, is_k3s: false, has_traefik: false, down: None }
    }
}
