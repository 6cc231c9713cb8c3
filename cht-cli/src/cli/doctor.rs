//! What may be written after `cht doctor`.

use clap::Args;

use super::{OutputArgs, TargetArgs, ValuesArgs};

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Look only whether a deploy can be done, and not at what was deployed
    #[arg(long)]
    pub(crate) pre: bool,
    /// One line for each thing that is not as it should be, without hints
    #[arg(long)]
    pub(crate) short: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
