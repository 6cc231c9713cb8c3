//! What may be written for the commands about certificates.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{LockArgs, OutputArgs, TargetArgs, ValuesArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum TlsCommand {
    /// Show the certificate: where it is from, for which hosts, and how long it holds
    ///
    /// It ends with 0 where the certificate can be served, and with 8 where it is missing, expired, for other hosts, or not
    /// the key's.
    Status(TlsStatus),
    /// Make or fetch the certificate anew from the source that the values name, also where none is due
    ///
    /// A deploy does so by itself within 30 days of the certificate's end.
    Renew(TlsRenew),
    /// Put a certificate and its key in the place of those that are there
    Set(TlsSet),
    /// Print the certificate of the instance's own authority, to be installed on devices
    ///
    /// A deploy with `cert_source: self-signed` makes that authority, and keeps it.
    Ca(TlsCa),
}

#[derive(Debug, Args)]
pub(crate) struct TlsStatus {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TlsRenew {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) write: TlsWriteArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TlsSet {
    /// The certificate, followed by those of its issuers, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,
    /// Its key, PEM, without a passphrase
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) write: TlsWriteArgs,
}

/// How another certificate is written.
#[derive(Debug, Args)]
pub(crate) struct TlsWriteArgs {
    #[command(flatten)]
    pub(crate) lock: LockArgs,
    /// Do not ask whether the certificate shall be replaced
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TlsCa {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}
