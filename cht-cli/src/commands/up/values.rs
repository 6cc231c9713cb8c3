//! The values of what `cht up` gets to run: those that are given, or those of a development instance.

use std::path::PathBuf;

use cht_local::Owner;
use cht_model::starter::{ReleaseVersion, Site, Spread, Starter, Storage};
use cht_model::{Checked, Environment, Instance, PlatformKind};
use secrecy::{ExposeSecret, SecretString};

use crate::cli::{RunFormat, Up, ValuesArgs};
use crate::commands::local::DEVELOPMENT;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{new_file, report, values};

/// The file of the development instance.
const FILE: &str = "cht-dev.yaml";

/// An instance, and the file that is still to be written for it.
pub(super) struct Wanted {
    instance: Instance,
    values: ValuesArgs,
    file: File,
}

/// Where the values are.
enum File {
    Given,
    /// Those of the development instance are there from before.
    There,
    /// They are to be written.
    New(SecretString),
}

impl Wanted {
    /// What the command line says. Writes nothing.
    pub(super) fn of(args: &Up, output: RunFormat) -> Result<Self, Exit> {
        let (files, file) = if !args.files.is_empty() {
            (args.files.clone(), File::Given)
        } else if PathBuf::from(FILE).symlink_metadata().is_ok() {
            (vec![FILE.into()], File::There)
        } else {
            (vec![FILE.into()], File::New(text(output)?))
        };
        let values = ValuesArgs { files, set: args.set.clone() };
        let checked = match &file {
            File::Given | File::There => values::instance(&values),
            File::New(text) => values::instance_of_text(FILE, text.expose_secret(), &values.set),
        };
        let Checked { value: instance, warnings } =
            checked.map_err(|error| report::values::no_instance(&error, output))?;
        report::values::explain(&warnings);
        let kind = instance.platform().kind();
        if kind != PlatformKind::K3s || instance.environment() != Environment::Local {
            let remote = if kind == PlatformKind::K3s { " with `environment: remote`" } else { "" };
            let message =
                format!("these values are for {}{remote}, and not for a cluster of this machine", kind.as_str());
            let hint = "for one of this machine they say `cluster_type: k3s-k3d` and `environment: local`; for another one \
                        use `cht deploy`";
            return Err(report::failure(output, Exit::Usage, &message, Some(hint)));
        }
        Ok(Self { instance, values, file })
    }

    /// Whose a cluster is that is made for it.
    pub(super) fn owner(&self) -> Owner {
        match self.file {
            File::Given => Owner::Values,
            File::There | File::New(_) => Owner::Development,
        }
    }

    /// The instance with its values, which are written where that is still to be done.
    pub(super) fn written(self, progress: &Progress, output: RunFormat) -> Result<(Instance, ValuesArgs), Exit> {
        match &self.file {
            File::Given => {}
            File::There => progress.say(&format!("values: {FILE}, which is there already")),
            File::New(text) => {
                new_file::write(FILE.as_ref(), text.expose_secret())
                    .map_err(|message| report::failure(output, Exit::Usage, &message, None))?;
                progress
                    .say(&format!("values: {FILE}, which is new; edit it, and run the same command again to apply it"));
            }
        }
        Ok((self.instance, self.values))
    }
}

/// The values of a new development instance.
fn text(output: RunFormat) -> Result<SecretString, Exit> {
    let starter = Starter {
        schema: None,
        project: DEVELOPMENT.parse().expect("a name of a project"),
        namespace: DEVELOPMENT.parse().expect("a name of a namespace"),
        version: ReleaseVersion::usual(),
        site: Site::K3s { environment: Environment::Local, host: None },
        spread: Spread::Single,
        storage: Storage::Claims { size: "10Gi".parse().expect("a size"), class: None },
        credentials: None,
    };
    starter.values().map_err(|invalid| report::values::refuse(&invalid.problems, output))
}
