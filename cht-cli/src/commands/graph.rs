//! `cht graph`

use cht_manifests::graph::{self, Graph as Picture};
use cht_manifests::manifests;
use cht_model::Instance;

use super::{instance, prepare};
use crate::cli::{Graph, GraphFormat, OutputFormat};
use crate::exit::Exit;
use crate::output::{explain, print};
use crate::{new_file, report};

pub(super) async fn run(args: Graph) -> Result<Exit, Exit> {
    if !args.live && args.target.is_given() {
        let hint = Some("add --live, or leave out the flags that choose a cluster");
        return Err(report::failure(OutputFormat::Text, Exit::Usage, "no cluster is looked at without --live", hint));
    }
    let picture = if args.live { live(&args).await? } else { of(&instance(&args.values, OutputFormat::Text)?) };
    let text = match args.output {
        GraphFormat::Svg => graph::svg(&picture),
        GraphFormat::Mermaid => graph::mermaid(&picture),
        GraphFormat::Dot => graph::dot(&picture),
    };
    match &args.out {
        None => Ok(print(&text, Exit::Ok)),
        Some(path) => {
            new_file::write(path, &text)
                .map_err(|message| report::failure(OutputFormat::Text, Exit::Usage, &message, None))?;
            Ok(Exit::Ok)
        }
    }
}

fn of(instance: &Instance) -> Picture {
    Picture::of(instance, &manifests(instance))
}

/// The picture of what the values describe, as the cluster has it now.
async fn live(args: &Graph) -> Result<Picture, Exit> {
    let (instance, target) = prepare(&args.values, &args.target, OutputFormat::Text).await?;
    let status = cht_k8s::status(target.cluster, &instance)
        .await
        .map_err(|error| report::failure(OutputFormat::Text, Exit::from(&error), &error.to_string(), None))?;
    let notes = status.unchecked.iter().map(ToString::to_string).chain(status.notes.iter().cloned());
    for note in notes {
        explain(&format!("note: {note}"));
    }
    Ok(of(&instance).seen(&report::seen::seen(&status)))
}
