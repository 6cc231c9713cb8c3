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

#[derive(Debug, Args)]
pub(crate) struct Open {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// The port of this machine that leads to the API [default: 5988, or a free one where that is taken]
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Open the address that people use, which the values have, instead of a way through the API server
    #[arg(long, conflicts_with_all = ["port", "namespace"])]
    pub(crate) address: bool,
    /// Print the address only, and open no browser
    #[arg(long)]
    pub(crate) print: bool,
}
