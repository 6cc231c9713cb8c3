//! What may be written for the commands that lead to an instance: its password, and its address.

use clap::Args;

use super::{PlaceArgs, TargetArgs};

#[derive(Debug, Args)]
pub(crate) struct Password {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Do not ask whether it shall be shown
    #[arg(short, long)]
    pub(crate) yes: bool,
}
