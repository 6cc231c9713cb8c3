//! `${env:NAME}` and `${file:PATH}` in values, and who looks them up.

use super::code::Code;
use super::document::{Map, Node, Value};
use super::keys;
use super::report::{Finding, Report};

/// Looks up what values refer to. This crate does no input or output, so its caller does.
///
/// The errors are shown to people: they say why (`is not set`), never what was read.
pub trait References {
    /// The value of an environment variable, for `${env:NAME}`.
    ///
    /// # Errors
    /// Why there is none, as a clause.
    fn env(&self, name: &str) -> Result<String, String>;

    /// The text of a file, for `${file:PATH}`. One line break at its end is dropped.
    ///
    /// # Errors
    /// Why it cannot be read, as a clause.
    fn file(&self, path: &str) -> Result<String, String>;
}

/// Refuses every reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoReferences;

impl References for NoReferences {
    fn env(&self, _: &str) -> Result<String, String> {
        Err("cannot be looked up here".to_owned())
    }

    fn file(&self, _: &str) -> Result<String, String> {
        Err("cannot be read here".to_owned())
    }
}

/// Replaces every reference below a section.
pub(crate) fn resolve(map: &mut Map, section: &str, references: &dyn References, report: &mut Report) {
    for entry in &mut map.0 {
        resolve_node(&mut entry.node, &keys::join(section, &entry.key), references, report);
    }
}

fn resolve_node(node: &mut Node, path: &str, references: &dyn References, report: &mut Report) {
    match &mut node.value {
        Value::Null => {}
        Value::Map(map) => resolve(map, path, references, report),
        Value::List(items) => items.iter_mut().for_each(|item| resolve_node(item, path, references, report)),
        Value::Scalar(scalar) => match replaced(&scalar.text, references) {
            Ok(None) => {}
            Ok(Some(text)) => scalar.reference = Some(std::mem::replace(&mut scalar.text, text)),
            Err(what) => {
                let key = keys::secret_above(path).unwrap_or(path);
                report.error(Finding::new(Code::Reference, what).key(key).at(node.span));
            }
        },
    }
}

/// The text with its references replaced, or nothing when it has none. What is put in is not looked through again.
fn replaced(text: &str, references: &dyn References) -> Result<Option<String>, String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some((start, kind, inside)) = first_reference(rest) {
        let value = match kind {
            Kind::Env => {
                references.env(inside).map_err(|why| format!("refers to the variable {inside}, which {why}"))?
            }
            Kind::File => {
                let mut text =
                    references.file(inside).map_err(|why| format!("refers to the file {inside}, which {why}"))?;
                let line = text.strip_suffix('\n').map_or(text.len(), |t| t.strip_suffix('\r').unwrap_or(t).len());
                text.truncate(line);
                text
            }
        };
        found = true;
        out.push_str(&rest[..start]);
        out.push_str(&value);
        rest = &rest[start + kind.prefix().len() + inside.len() + 1..];
    }
    out.push_str(rest);
    Ok(found.then_some(out))
}

#[derive(Clone, Copy)]
enum Kind {
    Env,
    File,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Env => "${env:",
            Self::File => "${file:",
        }
    }
}

fn first_reference(text: &str) -> Option<(usize, Kind, &str)> {
    [Kind::Env, Kind::File]
        .into_iter()
        .filter_map(|kind| {
            let start = text.find(kind.prefix())?;
            let inside = &text[start + kind.prefix().len()..];
            Some((start, kind, &inside[..inside.find('}')?]))
        })
        .min_by_key(|(start, ..)| *start)
}
