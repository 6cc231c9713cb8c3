//! `cht doctor`

use std::sync::Arc;

use cht_k8s::doctor::{Category, Check, ClientFacts, Connection, Examination, Outside, Report, client, examine};
use cht_k8s::{Clock, Cluster, ConnectOptions, SystemClock};

use super::instance;
use crate::cli::{Doctor, OutputFormat, TargetArgs};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};
use crate::report;
use crate::target::{self, Target};

pub(super) async fn run(args: Doctor) -> Result<Exit, Exit> {
    let output = args.output.output;
    let instance = instance(&args.values, output)?;
    let is_sandbox = args.target.sandbox.is_some();
    let (connection, target) = match target::target(&args.target).await {
        Ok(target) => {
            let answer = target.cluster.server_info().await;
            (Connection::Tried { server: target.name.clone(), answer }, Some(target))
        }
        Err(error) if is_sandbox => {
            return Err(report::failure(output, error.exit, &error.message, Some(error.hint)));
        }
        Err(error) => (Connection::NotConfigured(error.message), None),
    };
    let clock =
        target.as_ref().map_or_else(|| Arc::new(SystemClock) as Arc<dyn Clock>, |target| target.cluster.clock());
    let mut found = Report::new(client(&facts(&args.target).await, &connection, clock.now()));
    match (&target, &connection) {
        (Some(Target { cluster, .. }), Connection::Tried { answer: Ok(_), .. }) => {
            let options = Examination { pre: args.pre, outside: (!is_sandbox).then(Outside::default) };
            found = found.and(examine(Arc::clone(cluster) as Arc<dyn Cluster>, &instance, &options).await);
        }
        _ => explain("note: nothing else could be looked at without the cluster"),
    }
    let exit = exit(&found);
    let name = target.as_ref().map_or("an unknown cluster", |target| &target.name);
    Ok(match output {
        OutputFormat::Json => print_json(&report::doctor::json(&instance, &found, exit), exit),
        OutputFormat::Text if args.short => print(&report::doctor::short(&found), exit),
        OutputFormat::Text => print(&report::doctor::table(&instance, name, &found), exit),
    })
}

/// What this machine has to reach a real cluster with.
async fn facts(args: &TargetArgs) -> ClientFacts {
    if args.sandbox.is_some() {
        return ClientFacts::default();
    }
    ConnectOptions { kubeconfig: args.kubeconfig.clone(), context: args.context.clone() }.facts().await
}

fn exit(report: &Report) -> Exit {
    let mut fatal = report.fatal();
    if report.fatal().any(|finding| finding.check == Check::ClientServer) {
        Exit::Unknown
    } else if report.fatal().any(|finding| finding.category != Category::Instance) {
        Exit::Preflight
    } else if fatal.next().is_some() {
        Exit::Workload
    } else {
        Exit::Ok
    }
}
