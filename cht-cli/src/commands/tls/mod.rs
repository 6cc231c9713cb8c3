//! `cht tls`

mod ca;
mod renew;
mod replace;
mod set;
mod status;

use crate::cli::TlsCommand;
use crate::exit::Exit;

pub(super) async fn run(command: TlsCommand) -> Result<Exit, Exit> {
    match command {
        TlsCommand::Status(args) => status::run(args).await,
        TlsCommand::Renew(args) => renew::run(args).await,
        TlsCommand::Set(args) => set::run(args).await,
        TlsCommand::Ca(args) => ca::run(args).await,
    }
}
