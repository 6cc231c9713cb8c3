//! Serves a node for tests from outside. See `cht_tests::node_host`.

use std::process::ExitCode;

use cht_tests::node_host::{Arguments, USAGE, serve};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "its caller keeps what it writes there as its log")]
async fn main() -> ExitCode {
    let Some(arguments) = Arguments::read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("node-host: {error}");
            ExitCode::FAILURE
        }
    }
}
