//! `${env:NAME}` and `${file:PATH}` in values, and who looks them up.

use super::code::Code;
use super::document::{Map, Node, Value};
use super::keys;
use super::parse::MAX_BYTES;
use super::read::shortened;
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

    /// The text of a file, for `${file:PATH}`, in a layer that is given by its index. One line break at its end is dropped.
    ///
    /// # Errors
    /// Why it cannot be read, as a clause.
    fn file(&self, path: &str, layer: usize) -> Result<String, String>;
}

/// Refuses every reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoReferences;

impl References for NoReferences {
    fn env(&self, _: &str) -> Result<String, String> {
        Err("cannot be looked up here".to_owned())
    }

    fn file(&self, _: &str, _: usize) -> Result<String, String> {
        Err("cannot be read here".to_owned())
    }
}

/// Replaces every reference in values, as long as that makes no more text than values may have.
pub(crate) fn resolve(root: &mut Map, references: &dyn References, report: &mut Report) {
    Resolver { references, report, room: MAX_BYTES }.map(root, "");
}

struct Resolver<'a> {
    references: &'a dyn References,
    report: &'a mut Report,
    /// How many bytes may yet be put in.
    room: usize,
}

impl Resolver<'_> {
    fn map(&mut self, map: &mut Map, section: &str) {
        for entry in &mut map.0 {
            self.node(&mut entry.node, &keys::join(section, &entry.key));
        }
    }

    fn node(&mut self, node: &mut Node, path: &str) {
        match &mut node.value {
            Value::Null => {}
            Value::Map(map) => self.map(map, path),
            Value::List(items) => items.iter_mut().for_each(|item| self.node(item, path)),
            Value::Scalar(scalar) => match self.replaced(&scalar.text, node.span.layer) {
                Ok(None) => {}
                Ok(Some(text)) => scalar.reference = Some(std::mem::replace(&mut scalar.text, text)),
                Err(finding) => {
                    let key = keys::secret_above(path).unwrap_or(path);
                    self.report.error((*finding).key(key).at(node.span));
                }
            },
        }
    }

    /// The text with its references replaced, or nothing when it has none. What is put in is not looked through again.
    fn replaced(&mut self, text: &str, layer: usize) -> Result<Option<String>, Box<Finding>> {
        let refused = |what: String| Finding::new(Code::Reference, what);
        let mut out = String::new();
        let mut rest = text;
        let mut found = false;
        while let Some((start, kind, inside)) = first_reference(rest) {
            let shown = shortened(&inside.escape_debug().to_string());
            let value = match kind {
                Kind::Env => {
                    let value = self.references.env(inside);
                    let refused = |why| refused(format!("refers to the variable {shown}, which {why}"));
                    value
                        .map_err(|why| refused(why).hint("set it where the command runs, or write the value itself"))?
                }
                Kind::File => {
                    let text = self.references.file(inside, layer);
                    let refused = |why| refused(format!("refers to the file {shown}, which {why}"));
                    let relative = !inside.starts_with('/');
                    let hint =
                        relative.then_some("a relative path starts at the folder of the file that it is written in");
                    let mut text = text.map_err(|why| refused(why).hint_if_any(hint))?;
                    let line = text.strip_suffix('\n').map_or(text.len(), |t| t.strip_suffix('\r').unwrap_or(t).len());
                    text.truncate(line);
                    text
                }
            };
            self.room = self.room.checked_sub(value.len()).ok_or_else(|| {
                let finding = Finding::new(Code::Limit, "refers to more text than values have");
                finding.expected(format!("at most {MAX_BYTES} bytes in all"))
            })?;
            found = true;
            out.push_str(&rest[..start]);
            out.push_str(&value);
            rest = &rest[start + kind.prefix().len() + inside.len() + 1..];
        }
        out.push_str(rest);
        Ok(found.then_some(out))
    }
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
    for (start, _) in text.match_indices("${") {
        let Some(kind) = [Kind::Env, Kind::File].into_iter().find(|kind| text[start..].starts_with(kind.prefix()))
        else {
            continue;
        };
        let inside = &text[start + kind.prefix().len()..];
        // Where this one does not end, no later one does.
        return Some((start, kind, &inside[..inside.find('}')?]));
    }
    None
}
