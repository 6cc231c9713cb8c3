//! Runs other commands, for a limited time, and keeps what they say.

use std::fmt;
use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::Command;

use crate::plain::plain;

/// Whoever runs commands.
#[async_trait]
pub trait CommandRunner: Send + Sync {
    /// Runs a command to its end, without standard input. Dropping the future ends the command, too.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or has not ended in time and was ended.
    async fn run(&self, program: &str, arguments: &[&str], timeout: Duration) -> Result<Ran, NotRun>;
}

/// What came of a command.
#[derive(Clone, PartialEq, Eq)]
pub struct Ran {
    /// Whether it ended well.
    pub succeeded: bool,
    /// What it wrote to standard output; it may be secret.
    pub stdout: String,
    /// What it wrote to standard error, without colours.
    pub stderr: String,
}

impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ran").field("succeeded", &self.succeeded).field("stderr", &self.stderr).finish_non_exhaustive()
    }
}

/// Why a command has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRun {
    /// There is no such command.
    NotFound,
    /// It cannot be started.
    NotStarted(String),
    /// It was ended, because it took longer than this.
    TimedOut(Duration),
}

/// The commands of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

#[async_trait]
impl CommandRunner for System {
    async fn run(&self, program: &str, arguments: &[&str], timeout: Duration) -> Result<Ran, NotRun> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        // Read by k3d: what it says is shown within other lines.
        command.env("LOG_COLORS", "false");
        match tokio::time::timeout(timeout, command.output()).await {
            Err(_) => Err(NotRun::TimedOut(timeout)),
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => Err(NotRun::NotFound),
            Ok(Err(error)) => Err(NotRun::NotStarted(error.to_string())),
            Ok(Ok(output)) => Ok(Ran {
                succeeded: output.status.success(),
                stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                stderr: plain(&String::from_utf8_lossy(&output.stderr)),
            }),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn sh(script: &str, timeout: Duration) -> Result<Ran, NotRun> {
        System.run("sh", &["-c", script], timeout).await
    }

    #[tokio::test]
    async fn both_streams_are_kept() {
        let ran = sh("echo out; printf '\\033[31mFATA\\033[0m[0000] err\\n' >&2; exit 3", Duration::from_mins(1)).await;
        let kept = Ran { succeeded: false, stdout: "out\n".to_owned(), stderr: "FATA[0000] err\n".to_owned() };
        assert_eq!(ran, Ok(kept));
        assert!(!format!("{ran:?}").contains("out\\n"), "what a command answers may be secret");
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_is_told_from_others() {
        assert_eq!(System.run("cht-no-such-command", &[], Duration::from_mins(1)).await, Err(NotRun::NotFound));
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_ended() {
        let timeout = Duration::from_millis(50);
        assert_eq!(sh("exec sleep 600", timeout).await, Err(NotRun::TimedOut(timeout)));
    }
}
