//! The cluster that a command works on.

use std::path::Path;
use std::sync::Arc;

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{Cluster, ConnectOptions, KubeCluster};

use crate::cli::TargetArgs;
use crate::exit::Exit;
use crate::verbose::Verbose;

/// A cluster, and how to call it in front of a person.
pub(crate) struct Target {
    pub(crate) cluster: Arc<dyn Cluster>,
    pub(crate) name: String,
    /// The flag that chooses this cluster again.
    pub(crate) flag: String,
    /// Whether each request is said.
    pub(crate) verbose: bool,
}

/// Why there is no cluster to work on.
pub(crate) struct NoTarget {
    pub(crate) message: String,
    pub(crate) hint: &'static str,
    pub(crate) exit: Exit,
}

/// The cluster that the command line chooses. Makes no request.
pub(crate) async fn target(args: &TargetArgs) -> Result<Target, NoTarget> {
    let target = match &args.sandbox {
        Some(path) => sandbox(path),
        None => real(args).await,
    }?;
    if !args.verbose {
        return Ok(target);
    }
    Ok(Target { cluster: Arc::new(Verbose(target.cluster)), verbose: true, ..target })
}

fn sandbox(path: &Path) -> Result<Target, NoTarget> {
    let sandbox = Sandbox::open(path).map_err(|error| NoTarget {
        message: with_causes(&error),
        hint: "name another file with --sandbox=FILE",
        exit: Exit::Usage,
    })?;
    let flag = sandbox_flag(path);
    Ok(Target { cluster: Arc::new(sandbox), name: format!("sandbox {}", path.display()), flag, verbose: false })
}

/// The flag that chooses the sandbox of a file.
pub(crate) fn sandbox_flag(path: &Path) -> String {
    let default = path.as_os_str() == "cht-sandbox.json";
    if default { " --sandbox".to_owned() } else { format!(" --sandbox={}", path.display()) }
}

async fn real(args: &TargetArgs) -> Result<Target, NoTarget> {
    let options = ConnectOptions { kubeconfig: args.kubeconfig.clone(), context: args.context.clone() };
    let cluster = KubeCluster::connect(&options).await.map_err(|error| NoTarget {
        message: with_causes(&error),
        hint: "name a kubeconfig with --kubeconfig FILE, or try it all without a cluster: --sandbox",
        exit: Exit::from(&error),
    })?;
    let kubeconfig = args.kubeconfig.iter().map(|path| format!(" --kubeconfig {}", path.display()));
    let context = args.context.iter().map(|context| format!(" --context {context}"));
    let flag = kubeconfig.chain(context).collect();
    let name = cluster.server().to_owned();
    Ok(Target { cluster: Arc::new(cluster), name, flag, verbose: false })
}

/// The error with its causes, the first line of each: a parser's further lines show the file, which holds secrets.
fn with_causes(error: &dyn std::error::Error) -> String {
    let first_line = |error: &dyn std::error::Error| error.to_string().lines().next().unwrap_or_default().to_owned();
    let mut text = first_line(error);
    let mut source = error.source();
    while let Some(error) = source {
        // Some errors say their cause themselves.
        let cause = first_line(error);
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}
