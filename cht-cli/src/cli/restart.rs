//! What may be written for `cht restart`.

use std::time::Duration;

use cht_k8s::{ComponentName, InvalidComponentName, RestartOptions, RunId, Stop};
use cht_manifests::Component;
use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::complete;

use super::{LockArgs, RunOutputArgs, TargetArgs, ValuesArgs, duration};

#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// What to restart: api, sentinel, haproxy, healthcheck, couchdb, one node as couchdb-2
    #[arg(value_name = "COMPONENT", value_parser = component, add = ArgValueCompleter::new(complete::components), required_unless_present = "all")]
    pub(crate) components: Vec<Component>,
    /// Restart every component
    #[arg(long, conflicts_with = "components")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How long to wait until all of it is ready, e.g. `90s`, `30m`, `2h`
    #[arg(long, value_parser = duration, default_value = "30m", value_name = "TIME")]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
    /// Report the result only, not the way there
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) output: RunOutputArgs,
}

impl Restart {
    /// The same for the library.
    pub(crate) fn options(&self, run: RunId, stop: Stop) -> RestartOptions {
        RestartOptions { timeout: self.timeout, run, lock: self.lock.options(), stop, ..RestartOptions::default() }
    }
}

/// A component that has pods of its own, by any of its names.
fn component(name: &str) -> Result<Component, String> {
    let name: ComponentName = name.parse().map_err(|error: InvalidComponentName| error.to_string())?;
    match name.as_str().parse() {
        Ok(Component::Instance) | Err(_) => {
            Err("there are api, sentinel, haproxy, healthcheck, couchdb, couchdb-N and upgrade-service".to_owned())
        }
        Ok(component) => Ok(component),
    }
}
