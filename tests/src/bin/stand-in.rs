//! Plays one of CHT's images, or holds a pod's namespaces. See `cht_tests::stand_in`.

use std::process::ExitCode;

use cht_tests::stand_in::{Role, pause, play};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a program says on standard error what is wrong with its arguments")]
async fn main() -> ExitCode {
    let role = std::env::args().nth(1).unwrap_or_default();
    if role == "pause" {
        return pause().await.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    match role.parse::<Role>() {
        Ok(role) => play(role).await,
        Err(error) => {
            eprintln!("stand-in: {error}");
            ExitCode::from(2)
        }
    }
}
