//! Plays one of CHT's images, or curl in one, or holds a pod's namespaces. See `cht_tests::stand_in`.

use std::process::ExitCode;

use cht_tests::stand_in::{Role, curl, pause, play};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a program says on standard error what is wrong with its arguments")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args();
    if arguments.next().is_some_and(|program| program.ends_with("curl")) {
        return curl(arguments).await;
    }
    let role = arguments.next().unwrap_or_default();
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
