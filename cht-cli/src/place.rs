//! The namespace that a command looks at or works on: that of the values, or one by name.

use cht_model::{Instance, NamespaceName};

use crate::cli::{PlaceArgs, RunFormat, TargetArgs, ValuesArgs};
use crate::commands;
use crate::exit::Exit;
use crate::report;
use crate::target::{self, Target};

/// A namespace of a cluster.
pub(crate) struct Place {
    pub(crate) namespace: NamespaceName,
    /// What the values describe, where they are given.
    pub(crate) instance: Option<Instance>,
    pub(crate) target: Target,
}

/// Where the command line says, with warnings and errors reported. Makes no request.
pub(crate) async fn place(
    PlaceArgs { files, set, namespace }: PlaceArgs,
    target: &TargetArgs,
    output: impl Into<RunFormat>,
) -> Result<Place, Exit> {
    let output = output.into();
    let (namespace, instance) = if let Some(namespace) = namespace {
        (namespace, None)
    } else {
        let instance = commands::instance(&ValuesArgs { files, set }, output)?;
        (instance.namespace().clone(), Some(instance))
    };
    let target = target::target(target)
        .await
        .map_err(|error| report::failure(output, error.exit, &error.message, Some(error.hint)))?;
    Ok(Place { namespace, instance, target })
}
