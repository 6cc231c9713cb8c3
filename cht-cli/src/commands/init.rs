//! `cht init`

mod answers;
mod dialogue;
mod file;
mod fit;
mod questions;
#[cfg(test)]
mod tests;

use std::io::{ErrorKind, IsTerminal};
use std::path::Path;

use cht_k8s::{NoRandomness, generate_credential};
use cht_model::CredentialKey;
use cht_model::starter::{Starter, StarterCredentials};
use secrecy::ExposeSecret;

use self::dialogue::{Dialogue, Lines};
use self::questions::{Gap, Questions};
use crate::cli::{Init, OutputFormat};
use crate::exit::Exit;
use crate::output::{explain, print};
use crate::{program, report};

pub(super) fn run(args: &Init) -> Exit {
    write(args).unwrap_or_else(|exit| exit)
}

fn write(args: &Init) -> Result<Exit, Exit> {
    let to_stdout = args.file == Path::new("-");
    if !to_stdout && args.file.symlink_metadata().is_ok() {
        return Err(is_there(&args.file));
    }
    let starter = if !args.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        let (answers, questions) = (std::io::stdin().lock(), std::io::stderr().lock());
        ask(args, Some(&mut Lines { answers, questions }))
    } else {
        ask(args, None)
    }?;
    let text = starter.values().map_err(|invalid| report::values::refuse(&invalid.problems, OutputFormat::Text))?;
    if to_stdout {
        return Ok(print(text.expose_secret(), Exit::Ok));
    }
    let secret = args.generate_secrets;
    file::create(&args.file, text.expose_secret(), secret).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(&args.file),
        _ => refuse(&format!("{} cannot be written: {error}", args.file.display()), None),
    })?;
    let (name, cht) = (args.file.display(), program::name());
    if secret {
        explain(&format!("{name} is written. It holds the administrator's password: only its owner can read it"));
    } else {
        explain(&format!("{name} is written"));
    }
    explain(&format!("check it:   {cht} validate -f {name}\ndeploy it:  {cht} deploy -f {name}"));
    explain(&format!("try it without a cluster:  {cht} deploy --sandbox -f {name}"));
    Ok(Exit::Ok)
}

/// What the instance shall be, by the flags and whoever can be asked.
fn ask(args: &Init, dialogue: Option<&mut dyn Dialogue>) -> Result<Starter, Exit> {
    let mut questions = Questions::new(dialogue);
    let starter = answers::starter(args, &mut questions);
    for why in questions.refused() {
        refuse(why, None);
    }
    match starter {
        Ok(starter) if args.generate_secrets => {
            let credentials = credentials().map_err(|error| refuse(&error.to_string(), None))?;
            Ok(Starter { credentials: Some(credentials), ..starter })
        }
        Ok(starter) => Ok(starter),
        Err(Gap::Ended) => Err(refuse("not everything was answered; nothing was written", None)),
        Err(Gap::Missing | Gap::Refused) if questions.missing().is_empty() => Err(Exit::Usage),
        Err(Gap::Missing | Gap::Refused) => {
            let message = format!("nobody can be asked for what is missing: {}", questions.missing().join(", "));
            let cht = program::name();
            let hint = format!(
                "set it by these flags, which `{cht} init --help` explains; to try CHT on this machine: {cht} init --yes --local --namespace cht-dev"
            );
            Err(refuse(&message, Some(&hint)))
        }
    }
}

fn credentials() -> Result<StarterCredentials, NoRandomness> {
    Ok(StarterCredentials {
        password: generate_credential(CredentialKey::Password)?,
        secret: generate_credential(CredentialKey::Secret)?,
        uuid: generate_credential(CredentialKey::Uuid)?,
    })
}

fn is_there(path: &Path) -> Exit {
    let message = format!("{} is there already, and is left as it is", path.display());
    refuse(&message, Some(&format!("name another file: {} init FILE; or move this one away", program::name())))
}

fn refuse(message: &str, hint: Option<&str>) -> Exit {
    report::failure(OutputFormat::Text, Exit::Usage, message, hint)
}
