//! The container engine that k3d uses: why it does not answer.

use std::time::Duration;

use crate::LocalError;
use crate::command::{CommandRunner, NotRun};
use crate::plain::reason;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a container engine's command is there.
pub(crate) async fn is_installed(commands: &dyn CommandRunner) -> bool {
    has(commands, "docker").await || has(commands, "podman").await
}

async fn has(commands: &dyn CommandRunner, engine: &str) -> bool {
    commands.run(engine, &["--version"], TIMEOUT).await != Err(NotRun::NotFound)
}

/// Why k3d does not reach the engine; nothing where that is not what it complains about.
pub(crate) async fn explain(commands: &dyn CommandRunner, stderr: &str) -> Option<LocalError> {
    let complaint = Complaint::of(stderr)?;
    let said = about_the_engine(stderr);
    if complaint == Complaint::Forbidden {
        return Some(LocalError::EngineForbidden { said });
    }
    // Asked only now: k3d can also use an engine whose command is not here.
    Some(if has(commands, "docker").await {
        LocalError::EngineStopped { said }
    } else if has(commands, "podman").await {
        LocalError::PodmanUnreachable { said }
    } else {
        LocalError::Missing { k3d: false, engine: true }
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Complaint {
    Unreachable,
    Forbidden,
}

impl Complaint {
    fn of(stderr: &str) -> Option<Self> {
        let stderr = stderr.to_lowercase();
        let says = |text: &str| stderr.contains(text);
        if says("permission denied") && (says("docker daemon socket") || says("docker api") || says(".sock")) {
            Some(Self::Forbidden)
        } else if says("cannot connect to the docker daemon") || says("failed to connect to the docker api") {
            Some(Self::Unreachable)
        } else {
            None
        }
    }
}

/// The engine's own words, without those of k3d before them.
fn about_the_engine(stderr: &str) -> String {
    let reason = reason(stderr);
    let starts =
        ["Cannot connect to the Docker", "permission denied while", "Got permission denied", "failed to connect"];
    let start = starts.iter().filter_map(|words| reason.find(words)).min().unwrap_or_default();
    reason[start..].to_owned()
}
