//! k3d: clusters of k3s in containers, by driving the command `k3d`.

mod complaint;
mod list;
mod maker;
mod version;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::command::{CommandRunner, NotRun, Ran};
use crate::plain::reason;
use crate::{LocalError, engine};

/// How long a question to k3d may take.
const QUESTION: Duration = Duration::from_mins(1);

/// How long stopping or removing may take: CouchDB gets a minute to stop.
const ENDING: Duration = Duration::from_mins(5);

/// The label that marks the clusters which this project has made, with whose they are. What k3d lists of a container's
/// labels begins with `k3d`; it keeps those that begin with `k3d.` to itself.
const MARK: &str = "k3d-cht";

/// Clusters of k3d.
pub struct K3d {
    commands: Arc<dyn CommandRunner>,
    checked: OnceCell<()>,
}

impl K3d {
    /// Drives the `k3d` that `commands` knows.
    pub fn new(commands: Arc<dyn CommandRunner>) -> Self {
        Self { commands, checked: OnceCell::new() }
    }

    /// Runs `k3d` with arguments, once it is known to be new enough.
    async fn run(&self, arguments: &[&str], timeout: Duration) -> Result<Ran, LocalError> {
        self.checked.get_or_try_init(|| self.check()).await?;
        self.run_unchecked(arguments, timeout).await
    }

    async fn run_unchecked(&self, arguments: &[&str], timeout: Duration) -> Result<Ran, LocalError> {
        match self.commands.run("k3d", arguments, timeout).await {
            Ok(ran) => Ok(ran),
            Err(NotRun::NotFound) => {
                Err(LocalError::Missing { k3d: true, engine: !engine::is_installed(&*self.commands).await })
            }
            Err(NotRun::NotStarted(said)) => Err(LocalError::Failed { command: command(arguments), said }),
            Err(NotRun::TimedOut(after)) => Err(LocalError::TimedOut { command: command(arguments), after }),
        }
    }

    async fn check(&self) -> Result<(), LocalError> {
        const ARGUMENTS: [&str; 1] = ["version"];
        let ran = self.run_unchecked(&ARGUMENTS, QUESTION).await?;
        if !ran.succeeded {
            return Err(self.failed(&ARGUMENTS, &ran).await);
        }
        version::check(&ran.stdout, &command(&ARGUMENTS))
    }

    /// What k3d answers.
    async fn ask(&self, arguments: &[&str], timeout: Duration) -> Result<String, LocalError> {
        let ran = self.run(arguments, timeout).await?;
        if ran.succeeded { Ok(ran.stdout) } else { Err(self.failed(arguments, &ran).await) }
    }

    /// Why k3d failed.
    async fn failed(&self, arguments: &[&str], ran: &Ran) -> LocalError {
        if let Some(why) = engine::explain(&*self.commands, &ran.stderr).await {
            return why;
        }
        let said = reason(&ran.stderr);
        if complaint::disk_is_full(&ran.stderr) {
            LocalError::DiskFull { said }
        } else {
            LocalError::Failed { command: command(arguments), said }
        }
    }
}

/// The command as it is typed.
fn command(arguments: &[&str]) -> String {
    format!("k3d {}", arguments.join(" "))
}
