//! The command line of `node-host`.

use std::net::IpAddr;
use std::path::PathBuf;

/// How it is called.
pub const USAGE: &str = "usage: node-host ADDRESS KUBECONFIG NAMES STAND-IN BUSYBOX";

/// What it is called with.
#[derive(Debug)]
pub struct Arguments {
    /// The machine's address that the node reaches.
    pub address: IpAddr,
    /// The kubeconfig of the control plane.
    pub kubeconfig: PathBuf,
    /// The folder that gets the names of Services.
    pub names: PathBuf,
    /// The program that plays CHT's images.
    pub stand_in: PathBuf,
    /// A busybox that needs no library.
    pub busybox: PathBuf,
}

impl Arguments {
    /// Reads them; none when they are not as they must be.
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut next = || arguments.next();
        let read = Self {
            address: next()?.parse().ok()?,
            kubeconfig: next()?.into(),
            names: next()?.into(),
            stand_in: next()?.into(),
            busybox: next()?.into(),
        };
        next().is_none().then_some(read)
    }
}
