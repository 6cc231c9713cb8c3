//! What goes wrong with local clusters, and what to do about each.

use std::time::Duration;

use crate::{ClusterName, NoPortFree};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    /// Programs are missing.
    #[error("{}", missing(*.k3d, *.engine))]
    Missing {
        /// k3d is.
        k3d: bool,
        /// A container engine is.
        engine: bool,
    },
    /// k3d is there, and too old.
    #[error("k3d {found} is too old: version 5.0.0 or later is needed")]
    TooOld {
        /// Its version.
        found: String,
    },
    /// The engine is installed and does not run.
    #[error("the container engine does not run: {said}")]
    EngineStopped {
        /// What was said about it.
        said: String,
    },
    /// The engine runs, for others.
    #[error("this user may not use the container engine: {said}")]
    EngineForbidden {
        /// What was said about it.
        said: String,
    },
    /// Podman is there and does not serve what k3d asks for.
    #[error("podman is installed, but k3d does not find the Docker API that it can serve: {said}")]
    PodmanUnreachable {
        /// What was said about it.
        said: String,
    },
    /// The name is that of a cluster of someone else's.
    #[error("k3d has a cluster {name:?} that was not made by `cht up`", name = .name.as_str())]
    NameTaken {
        /// The name.
        name: ClusterName,
    },
    /// A cluster of that name is there, although there was none before.
    #[error("there is a cluster {name:?} meanwhile", name = .name.as_str())]
    IsThere {
        /// The name.
        name: ClusterName,
    },
    /// The cluster cannot be used, and may hold data.
    #[error("the cluster {name:?} cannot be used: {why}", name = .name.as_str())]
    Broken {
        /// The name.
        name: ClusterName,
        /// Why.
        why: String,
    },
    /// The cluster's ports are taken.
    #[error("{} that the cluster {name:?} needs", taken(.ports), name = .name.as_str())]
    PortsTaken {
        /// The name.
        name: ClusterName,
        /// Which of them, as far as that was said.
        ports: Vec<u16>,
    },
    /// There is no port left.
    #[error(transparent)]
    NoPortFree(#[from] NoPortFree),
    /// The disk is full.
    #[error("the disk is full: {said}")]
    DiskFull {
        /// What was said about it.
        said: String,
    },
    /// A command did not end in time.
    #[error("`{command}` has not ended within {} and was ended", seconds(*.after))]
    TimedOut {
        /// The command.
        command: String,
        /// The time it had.
        after: Duration,
    },
    /// A command failed.
    #[error("`{command}` failed: {said}")]
    Failed {
        /// The command.
        command: String,
        /// What it said.
        said: String,
    },
    /// What a command answers cannot be understood.
    #[error("what `{command}` answers cannot be understood: {why}")]
    NotUnderstood {
        /// The command.
        command: String,
        /// Why.
        why: String,
    },
}

const INSTALL_K3D: &str =
    "install k3d: `brew install k3d`, `choco install k3d`, or https://k3d.io/stable/#installation";
const UPDATE_K3D: &str = "update k3d: `brew upgrade k3d`, `choco upgrade k3d`, or https://k3d.io/stable/#installation";
const INSTALL_ENGINE: &str =
    "install a container engine: Docker (https://docs.docker.com/engine/install/) or Docker Desktop";

impl LocalError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { k3d: true, engine: true } => format!("{INSTALL_ENGINE}; then {INSTALL_K3D}"),
            Self::Missing { engine: true, .. } => INSTALL_ENGINE.to_owned(),
            Self::Missing { .. } => INSTALL_K3D.to_owned(),
            Self::TooOld { .. } => UPDATE_K3D.to_owned(),
            Self::EngineStopped { .. } => {
                "start it: `sudo systemctl start docker`, or open Docker Desktop; then run the same command again"
                    .to_owned()
            }
            Self::EngineForbidden { .. } => {
                "let this user use it: `sudo usermod -aG docker \"$USER\"`, then log in again; who may use it can do on \
                 this machine what its administrator can"
                    .to_owned()
            }
            Self::PodmanUnreachable { .. } => {
                "start it with `systemctl --user enable --now podman.socket`, and tell k3d with `export \
                 DOCKER_HOST=unix://$XDG_RUNTIME_DIR/podman/podman.sock DOCKER_SOCK=$XDG_RUNTIME_DIR/podman/podman.sock`"
                    .to_owned()
            }
            Self::NameTaken { name } => format!(
                "it is left as it is: choose another name with --name, or deploy to it: `cht deploy -f FILE --context \
                 k3d-{name}`"
            ),
            Self::IsThere { .. } | Self::TimedOut { .. } => "run the same command again to go on from here".to_owned(),
            Self::Broken { name, .. } => format!(
                "it is left as it is, because it may hold data; look at it with `docker ps --all --filter \
                 label=k3d.cluster={name}`, or remove it with all its data: `k3d cluster delete {name}`"
            ),
            Self::PortsTaken { .. } => {
                "find out what listens there with `ss -ltnp` or `lsof -nP -iTCP -sTCP:LISTEN`, end it, and run the same \
                 command again"
                    .to_owned()
            }
            Self::NoPortFree(_) => "end what listens there, or let it listen on other ports".to_owned(),
            Self::DiskFull { .. } => {
                "make room: `docker system df` shows what the engine keeps, \
                 `docker system prune` removes what nothing uses"
                    .to_owned()
            }
            // Run by hand it would make a cluster that is nobody's.
            Self::Failed { command, .. } if command.starts_with("k3d cluster create") => {
                "find out whether the engine works at all: `docker run --rm hello-world`; then run the same command again"
                    .to_owned()
            }
            Self::Failed { command, .. } | Self::NotUnderstood { command, .. } => {
                format!("run `{command}` yourself to see all that it says")
            }
        }
    }
}

fn missing(k3d: bool, engine: bool) -> &'static str {
    match (k3d, engine) {
        (true, true) => "neither k3d nor a container engine for it (docker, podman) is installed",
        (false, true) => "k3d is installed, but no container engine for it (docker, podman)",
        (_, false) => "k3d is not installed",
    }
}

fn taken(ports: &[u16]) -> String {
    match ports {
        [] => "another program has a port".to_owned(),
        [port] => format!("another program has port {port}"),
        ports => {
            let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
            format!("other programs have the ports {}", ports.join(" and "))
        }
    }
}

fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 120 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
