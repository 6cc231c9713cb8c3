//! What may be written behind `cht up` and `cht down`.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use cht_local::ClusterName;
use clap::Args;

use super::{ApplyArgs, Deploy, OutputArgs, RunOutputArgs, duration};

/// How long making or starting a cluster may take.
const CLUSTER_TIMEOUT: &str = "10m";

/// The usual name of the cluster.
const NAME: &str = "cht";

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// A file of values with `environment: local`, `-` for standard input; given several times, later files win
    /// [default: cht-dev.yaml, which is written when it is not there]
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Set one value over those of the files, e.g. `cht_image_tag=5.3.1`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    #[command(flatten)]
    pub(crate) cluster: LocalClusterArgs,
    /// Use the k3s that runs on this machine, instead of k3d
    #[arg(long, conflicts_with_all = ["sandbox", "name", "address", "cluster_timeout"])]
    pub(crate) k3s: bool,
    /// The address of this machine that the instance is reached at; `0.0.0.0` lets others on the network reach it, too
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST, conflicts_with = "sandbox")]
    pub(crate) address: Ipv4Addr,
    /// How long making or starting the cluster may take, e.g. `90s`, `10m`; longer on slow links
    #[arg(long, value_parser = duration, default_value = CLUSTER_TIMEOUT, value_name = "TIME", conflicts_with = "sandbox")]
    pub(crate) cluster_timeout: Duration,
    #[command(flatten)]
    pub(crate) apply: ApplyArgs,
    /// Say each request to the cluster, with what came of it and how long it took
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) output: RunOutputArgs,
}

/// What does as well where there is no cluster to deploy to.
impl From<Deploy> for Up {
    fn from(deploy: Deploy) -> Self {
        Self {
            files: deploy.values.files,
            set: deploy.values.set,
            cluster: LocalClusterArgs { name: NAME.parse().expect("a name of a cluster"), sandbox: None },
            k3s: false,
            address: Ipv4Addr::LOCALHOST,
            cluster_timeout: duration(CLUSTER_TIMEOUT).expect("a time"),
            apply: deploy.apply,
            verbose: deploy.target.verbose,
            output: deploy.output,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Down {
    #[command(flatten)]
    pub(crate) cluster: LocalClusterArgs,
    /// Stop the cluster, and keep it with all its data; `cht up` starts it again
    #[arg(long, conflicts_with = "delete_data")]
    pub(crate) keep_data: bool,
    /// Remove the cluster also when other instances than the development instance have data in it; takes the cluster's name
    #[arg(long, value_name = "CLUSTER")]
    pub(crate) delete_data: Option<String>,
    /// Do not ask whether the development instance and its data shall be removed
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The cluster of this machine.
#[derive(Debug, Args)]
pub(crate) struct LocalClusterArgs {
    /// The name of the k3d cluster
    #[arg(long, value_name = "NAME", default_value = NAME, conflicts_with = "sandbox")]
    pub(crate) name: ClusterName,
    /// Use a cluster that is played in memory and kept in a file, instead of k3d
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "cht-sandbox.json")]
    pub(crate) sandbox: Option<PathBuf>,
}
