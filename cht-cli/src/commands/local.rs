//! What `cht up` and `cht down` have in common: the development instance, the lock, and how problems are reported.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cht_local::{ClusterLock, ClusterName, K3d, LocalError, LockError, System};

use crate::cli::RunFormat;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::report;
use crate::report::text::time;

/// The project and the namespace of the development instance.
pub(super) const DEVELOPMENT: &str = "cht-dev";

/// How often something that takes long says that it goes on.
const BEAT: Duration = Duration::from_secs(15);

/// The k3d of this machine.
pub(super) fn k3d() -> K3d {
    K3d::new(Arc::new(System))
}

/// The flag that chooses a cluster of that name again.
pub(super) fn name_flag(name: &ClusterName) -> String {
    if name.as_str() == "cht" { String::new() } else { format!(" --name {name}") }
}

/// Keeps others from working on a cluster meanwhile.
pub(super) fn lock(name: &ClusterName, output: RunFormat) -> Result<ClusterLock, Exit> {
    ClusterLock::take(&state_folder(), name).map_err(|error| {
        let (exit, hint) = match &error {
            LockError::Held(_) => (Exit::Locked, "wait for it to end, and run the same command again"),
            LockError::Unusable { .. } => (Exit::Preflight, "name a folder of your own with XDG_STATE_HOME"),
        };
        report::failure(output, exit, &error.to_string(), Some(hint))
    })
}

/// Where this user's programs keep what is of use on this machine only.
fn state_folder() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .or_else(|| variable("LOCALAPPDATA"));
    folder.unwrap_or_else(std::env::temp_dir).join("cht")
}

/// Reports what goes wrong with a local cluster; `more` is what can be done besides.
pub(super) fn failed(error: &LocalError, more: Option<&str>, output: RunFormat) -> Exit {
    let hint = [Some(error.hint().as_str()), more].into_iter().flatten().collect::<Vec<_>>().join("; ");
    report::failure(output, Exit::from(error), &error.to_string(), Some(&hint))
}

/// Waits for what takes long, and says now and then that it goes on.
pub(super) async fn with_heartbeat<T>(progress: &Progress, what: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let begun = Instant::now();
    loop {
        match tokio::time::timeout(BEAT, &mut work).await {
            Ok(done) => return done,
            Err(_) => progress.say(&format!("  {what}, {} so far", time(begun.elapsed()))),
        }
    }
}
