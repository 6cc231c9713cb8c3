//! `cht down`

mod data;

use std::path::Path;

use cht_local::{ClusterName, Maker, State, find_ours};
use serde_json::json;

use self::data::Data;
use super::confirm::{confirm, require_terminal, type_name};
use super::local::{failed, k3d, lock, name_flag, with_heartbeat};
use crate::cli::{Down, OutputFormat, RunFormat, TargetArgs};
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::progress::Progress;
use crate::{report, target};

pub(super) async fn run(args: Down) -> Result<Exit, Exit> {
    match &args.cluster.sandbox {
        Some(path) => of_sandbox(&args, path).await,
        None => of_k3d(&args).await,
    }
}

/// How it ended, as programs are told.
#[derive(Clone, Copy)]
enum End {
    Absent,
    Stopped,
    Removed,
}

async fn of_k3d(args: &Down) -> Result<Exit, Exit> {
    let (name, output) = (&args.cluster.name, RunFormat::from(args.output.output));
    let what = format!("cluster {name}");
    let progress = Progress::new(false, false);
    let _lock = lock(name, output)?;
    let maker = k3d();
    let hindered = |error| failed(&error, None, output);
    let Some(ours) = find_ours(&maker, name).await.map_err(hindered)? else {
        return Ok(ended(args, End::Absent, &format!("there is no {what}")));
    };
    if args.keep_data {
        if ours.cluster().state == State::Unfinished {
            let message = format!("the {what} was never finished, so there is nothing to keep");
            let flag = name_flag(name);
            let hint = format!("finish it: cht up{flag}; or remove it: cht down{flag}");
            return Err(report::failure(output, Exit::Preflight, &message, Some(&hint)));
        }
        let stopped = with_heartbeat(&progress, &format!("{what} is stopped"), cht_local::stop(&maker, &ours)).await;
        let does_not_run = if stopped.map_err(hindered)? { "is stopped" } else { "was stopped before" };
        let message =
            format!("{what} {does_not_run}; its data is kept, and `cht up{}` starts it again", name_flag(name));
        return Ok(ended(args, End::Stopped, &message));
    }
    let data = match ours.cluster().state {
        State::Unfinished => Data::None,
        State::Running => {
            let context =
                TargetArgs { sandbox: None, kubeconfig: None, context: Some(maker.context(name)), verbose: false };
            match target::target(&context).await {
                Ok(target) => data::of(&*target.cluster, ours.cluster().owner).await,
                Err(error) => Data::Unknown(error.message),
            }
        }
        State::Stopped => Data::Unknown(format!("it is stopped; `cht up{}` starts it", name_flag(name))),
        State::Broken(ref why) => Data::Unknown(why.clone()),
    };
    approve(args, &what, name, &data)?;
    with_heartbeat(&progress, &format!("{what} is removed"), cht_local::remove(&maker, &ours))
        .await
        .map_err(hindered)?;
    Ok(ended(args, End::Removed, &format!("{what} is removed{}", data.went_with_it())))
}

async fn of_sandbox(args: &Down, path: &Path) -> Result<Exit, Exit> {
    let output = RunFormat::from(args.output.output);
    let what = format!("sandbox {}", path.display());
    if !path.exists() {
        return Ok(ended(args, End::Absent, &format!("there is no {what}")));
    }
    if args.keep_data {
        let message = format!("{what} runs only while a command uses it; its data is kept");
        return Ok(ended(args, End::Stopped, &message));
    }
    let sandbox = TargetArgs { sandbox: Some(path.to_owned()), kubeconfig: None, context: None, verbose: false };
    let target = target::target(&sandbox)
        .await
        .map_err(|error| report::failure(output, error.exit, &error.message, Some(error.hint)))?;
    let data = data::of(&*target.cluster, cht_local::Owner::Development).await;
    approve(args, &what, &args.cluster.name, &data)?;
    // It writes its file for the last time when it is closed.
    drop(target);
    std::fs::remove_file(path).map_err(|error| {
        let message = format!("{} cannot be removed: {error}", path.display());
        report::failure(output, Exit::Preflight, &message, None)
    })?;
    Ok(ended(args, End::Removed, &format!("{what} is removed{}", data.went_with_it())))
}

/// Ends the command unless someone has said that what is stored there may go.
fn approve(args: &Down, what: &str, name: &ClusterName, data: &Data) -> Result<(), Exit> {
    let output = RunFormat::from(args.output.output);
    if let Some(typed) = &args.delete_data {
        if typed == name.as_str() {
            return Ok(());
        }
        let message = format!("--delete-data says {typed:?}, and the cluster's name is {name}; nothing was removed");
        return Err(report::failure(output, Exit::DataSafety, &message, Some("type the name of the cluster")));
    }
    let Some(theirs) = data.of_others() else {
        if args.yes {
            return Ok(());
        }
        require_terminal(&format!("the {what} shall be removed"), output)?;
        return confirm(&format!("the {what} will be removed{}", data.went_with_it()), output);
    };
    if !args.yes
        && output == RunFormat::Text
        && type_name(&format!("the {what} will be removed; {theirs}"), name.as_str())
    {
        return Ok(());
    }
    let message = format!("{what} is not removed: {theirs}");
    let flag = args.cluster.sandbox.as_ref().map_or_else(|| name_flag(name), |path| target::sandbox_flag(path));
    let hint = format!(
        "keep it: cht down{flag} --keep-data; remove it with all data in it: cht down{flag} --delete-data {name}"
    );
    Err(report::failure(output, Exit::DataSafety, &message, Some(&hint)))
}

fn ended(args: &Down, end: End, message: &str) -> Exit {
    let outcome = match end {
        End::Absent => "absent",
        End::Stopped => "stopped",
        End::Removed => "removed",
    };
    match args.output.output {
        OutputFormat::Text => print(&format!("{message}\n"), Exit::Ok),
        OutputFormat::Json => {
            let result = json!({ "exit_code": Exit::Ok.code(), "outcome": outcome, "message": message });
            print_json(&result, Exit::Ok)
        }
    }
}
