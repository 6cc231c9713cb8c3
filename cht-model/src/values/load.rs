//! Layers of text to one tree of values.

use std::fmt;

use super::check::{Checked, Invalid, LoadError};
use super::document::Map;
use super::layer::{Form, Layer};
use super::reference::{NoReferences, References};
use super::report::Report;
use super::source::Source;
use super::{assignment, merge, parse, reference, schema, validate};
use crate::Instance;

/// The values of an instance, as they are written: every one knows its file, line and column.
pub struct Values {
    pub(crate) root: Map,
    pub(crate) sources: Vec<Source>,
}

impl Values {
    /// Reads layers, of which later ones win: sections merge, anything else replaces, a key without a value takes the
    /// earlier one away. `${env:…}` and `${file:…}` are refused, see [`Values::load_with`].
    ///
    /// # Errors
    /// [`LoadError`] with all problems when a text is not YAML, or not `key=value`.
    pub fn load(layers: &[Layer]) -> Result<Self, LoadError> {
        Self::load_with(layers, &NoReferences)
    }

    /// Reads layers like [`Values::load`], looking up `${env:NAME}` and `${file:PATH}` in the values that remain.
    ///
    /// # Errors
    /// [`LoadError`] with all problems when a text is not YAML, not `key=value`, or refers to what cannot be had.
    pub fn load_with(layers: &[Layer], references: &dyn References) -> Result<Self, LoadError> {
        let mut report = Report::default();
        let mut root = Map::default();
        let mut sources = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let read = match layer.form {
                Form::Yaml => parse::parse(index, &layer.text, &mut report),
                Form::Assignment => assignment::parse(index, &layer.text, &mut report),
            };
            sources.push(Source::new(layer, read.as_ref().ok()));
            if let Ok(map) = read {
                merge::merge(&mut root, map);
            }
        }
        reference::resolve(&mut root, references, &mut report);
        if report.has_errors() {
            return Err(LoadError { problems: report.finish(&sources) });
        }
        Ok(Self { root, sources })
    }

    /// A JSON Schema (draft 2020-12) of what one file of values may hold, for editors.
    ///
    /// It is made from the table of keys that validation goes by, and knows each value by itself: what belongs to what,
    /// and what is missing, only [`Values::validate`] can say. A key that is not known is a warning there and no error
    /// here.
    pub fn json_schema() -> serde_json::Value {
        schema::schema()
    }

    /// Checks the values as a whole.
    ///
    /// # Errors
    /// [`Invalid`] with all problems when no instance can be made of them.
    pub fn validate(&self) -> Result<Checked<Instance>, Invalid> {
        validate::instance(self)
    }
}

/// Shows where the values come from, never what they are.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<_> = self.sources.iter().map(Source::origin).collect();
        f.debug_struct("Values").field("origins", &origins).finish_non_exhaustive()
    }
}
