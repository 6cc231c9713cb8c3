//! What values are read from: files, and single overrides.

use std::fmt;

use super::{assignment, keys};

/// A text that values are read from. Later layers win over earlier ones.
///
/// Its `Debug` shows where the text comes from, never the text, which may hold passwords.
#[derive(Clone)]
pub struct Layer {
    pub(crate) origin: String,
    pub(crate) text: String,
    pub(crate) form: Form,
}

/// How a layer's text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Yaml,
    Assignment,
}

impl Layer {
    /// A YAML file: its name, as problems shall show it, and its text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { origin: name.into(), text: text.into(), form: Form::Yaml }
    }

    /// One override, `key=value`: the key with dots between its parts, the value as a YAML scalar. Problems show it
    /// as `--set key`.
    ///
    /// A value in quotes is read as YAML reads it, any other stands as it is: `couchdb.password=a:b#c` sets `a:b#c`.
    pub fn set(assignment: impl Into<String>) -> Self {
        let text = assignment.into();
        let origin = text.split_once('=').and_then(|(key, _)| shown(key)).map(|key| format!("--set {key}"));
        Self { origin: origin.unwrap_or_else(|| "--set".to_owned()), text, form: Form::Assignment }
    }

    /// Where the text comes from, as problems show it.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// The key of an override, where it is one. What is no key, or lies below a secret one, may be a secret itself.
fn shown(key: &str) -> Option<&str> {
    /// No key is nearly that long.
    const LONGEST: usize = 80;
    let key = keys::secret_above(key).unwrap_or(key);
    (key.len() <= LONGEST && assignment::is_path(key)).then_some(key)
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").field("origin", &self.origin).finish_non_exhaustive()
    }
}
