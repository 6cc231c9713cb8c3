//! Completes what is typed at a shell's prompt, with the names of what runs.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use cht_manifests::Kind;
use cht_model::Checked;
use clap_complete::CompleteEnv;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use crate::cli::{TargetArgs, ValuesArgs};
use crate::exit::Exit;
use crate::output::print;
use crate::target::target;
use crate::{program, values};

/// The variable by which a shell asks for completions instead of the command.
const VARIABLE: &str = "CHT_COMPLETE";

/// How long a person may be kept waiting at the prompt.
const PATIENCE: Duration = Duration::from_secs(1);

/// The components that any instance may have.
const USUAL: [&str; 5] = ["api", "couchdb", "haproxy", "healthcheck", "sentinel"];

/// Nothing else is to be completed, and a space comes behind the word.
const ONLY_THESE: u8 = 4;
/// No space comes behind the word, which goes on.
const NO_SPACE: u8 = 2;

/// Answers kubectl or a shell, which ends the process, where one of them asks for completions.
pub(crate) fn if_asked() -> Option<Exit> {
    if program::completes_for_kubectl() {
        // Whoever types can do nothing about what goes wrong here.
        let answer = for_kubectl(std::env::args_os().collect()).unwrap_or_default();
        return Some(print(&answer, Exit::Ok));
    }
    CompleteEnv::with_factory(program::command).var(VARIABLE).complete();
    None
}

/// What makes a shell ask.
pub(crate) fn registration(shell: &str) -> Option<std::io::Result<String>> {
    let shells = Shells::builtins();
    let shell = shells.completer(shell)?;
    let (mut script, file) = (Vec::new(), program::file());
    let written = shell.write_registration(VARIABLE, file, file, file, &mut script);
    Some(written.map(|()| String::from_utf8_lossy(&script).into_owned()))
}

/// What kubectl is told: a candidate on each line, and what its shell shall do with them, in the numbers of Cobra.
fn for_kubectl(words: Vec<OsString>) -> std::io::Result<String> {
    let last = words.len().saturating_sub(1);
    let folder = std::env::current_dir().ok();
    let found = clap_complete::engine::complete(&mut program::command(), words, last, folder.as_deref())?;
    let shown = found.iter().filter(|candidate| !candidate.is_hide_set());
    let mut values: Vec<_> = shown.map(|candidate| candidate.get_value().to_string_lossy().into_owned()).collect();
    let goes_on = !values.is_empty() && values.iter().all(|value| value.ends_with('/'));
    let directive = if goes_on { ONLY_THESE | NO_SPACE } else { ONLY_THESE };
    values.push(format!(":{directive}\n"));
    Ok(values.join("\n"))
}

/// The components of the instance that the words before choose: those that run, else those that its values describe, else
/// those that are usual.
pub(crate) fn components(typed: &OsStr) -> Vec<CompletionCandidate> {
    let words =
        Words::of(std::env::args().skip_while(|word| !program::completes_for_kubectl() && word != "--").skip(1));
    let mut names = words.running().or_else(|| words.described().map(|(_, names)| names)).unwrap_or_default();
    if names.is_empty() {
        names = USUAL.map(str::to_owned).to_vec();
    }
    let typed = typed.to_string_lossy();
    names.into_iter().filter(|name| name.starts_with(&*typed)).map(CompletionCandidate::new).collect()
}

/// What the words of an unfinished command line choose: the parser takes finished ones only.
#[derive(Debug, Default, PartialEq)]
struct Words {
    files: Vec<PathBuf>,
    set: Vec<String>,
    namespace: Option<String>,
    sandbox: Option<PathBuf>,
    kubeconfig: Option<PathBuf>,
    context: Option<String>,
}

impl Words {
    fn of(words: impl Iterator<Item = String>) -> Self {
        let mut found = Self::default();
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let (flag, attached) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
                _ => (word, None),
            };
            if flag == "--sandbox" {
                found.sandbox = Some(attached.map_or_else(|| PathBuf::from("cht-sandbox.json"), PathBuf::from));
                continue;
            }
            let takes = ["-f", "--values", "--set", "-n", "--namespace", "--kubeconfig", "--context"];
            if !takes.contains(&flag.as_str()) {
                continue;
            }
            let Some(value) = attached.or_else(|| words.next()).filter(|value| !value.is_empty()) else { continue };
            match flag.as_str() {
                "-f" | "--values" => found.files.push(value.into()),
                "--set" => found.set.push(value),
                "-n" | "--namespace" => found.namespace = Some(value),
                "--kubeconfig" => found.kubeconfig = Some(value.into()),
                _ => found.context = Some(value),
            }
        }
        found
    }

    /// The namespace and the components of the instance that the values describe.
    fn described(&self) -> Option<(String, Vec<String>)> {
        if self.files.is_empty() || self.files.iter().any(|file| file.as_os_str() == "-") {
            return None;
        }
        let args = ValuesArgs { files: self.files.clone(), set: self.set.clone() };
        let Checked { value: instance, .. } = values::instance(&args).ok()?;
        let components = cht_k8s::components_of(&instance, &[]).ok()?;
        Some((instance.namespace().to_string(), components.iter().map(ToString::to_string).collect()))
    }

    /// The components that run in the namespace, if the cluster says so soon enough.
    fn running(&self) -> Option<Vec<String>> {
        let namespace = self.namespace.clone().or_else(|| self.described().map(|(namespace, _)| namespace))?;
        let args = TargetArgs {
            sandbox: self.sandbox.clone(),
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            verbose: false,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let deployments = runtime.block_on(async {
            let listing = async {
                let target = target(&args).await.ok()?;
                target.cluster.list(Kind::Deployment, Some(&namespace)).await.ok()
            };
            tokio::time::timeout(PATIENCE, listing).await.ok().flatten()
        })?;
        let mut names: Vec<_> = deployments
            .items
            .iter()
            .filter_map(|deployment| deployment.text("/spec/template/metadata/labels/cht.service").map(str::to_owned))
            .collect();
        names.sort();
        (!names.is_empty()).then_some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Words {
        Words::of(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn an_unfinished_line_is_understood_as_far_as_it_goes() {
        let all = words("cht restart -f a.yaml --values=b.yaml --set x=1 --sandbox --context prod --kubeconfig=k co");
        let expected = Words {
            files: vec!["a.yaml".into(), "b.yaml".into()],
            set: vec!["x=1".to_owned()],
            namespace: None,
            sandbox: Some("cht-sandbox.json".into()),
            kubeconfig: Some("k".into()),
            context: Some("prod".to_owned()),
        };
        assert_eq!(all, expected);
        assert_eq!(words("cht logs -n "), Words::default());
        assert_eq!(words("cht logs -n clinic").namespace.as_deref(), Some("clinic"));
    }
}
