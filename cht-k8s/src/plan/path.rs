//! Where in an object a field is.

use std::fmt;

use serde_json::Value;

/// The way from an object to one of its fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Path(Vec<Segment>);

/// One step of the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Segment {
    /// A map's entry.
    Field(String),
    /// A list's item, known by the fields that tell it from the others; `at` is its place.
    Item { names: Vec<(&'static str, Value)>, at: usize },
    /// A list's item, known by its place alone.
    Index(usize),
}

impl Path {
    /// The way one step further.
    pub(super) fn then(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }

    /// The way to a map's entry.
    pub(super) fn field(&self, name: &str) -> Self {
        self.then(Segment::Field(name.to_owned()))
    }

    /// Whether this is one of these fields, or within it.
    pub(super) fn is_within(&self, fields: &[&str]) -> bool {
        fields.len() <= self.0.len()
            && self
                .0
                .iter()
                .zip(fields)
                .all(|(segment, field)| matches!(segment, Segment::Field(name) if name == field))
    }

    /// The last step.
    pub(super) fn last(&self) -> Option<&Segment> {
        self.0.last()
    }
}

#[cfg(test)]
impl Path {
    /// Each step.
    pub(super) fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl fmt::Display for Path {
    /// As Kubernetes names fields: `.spec.template.spec.containers[name="cht-api"].image`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| write!(f, "{segment}"))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        match self {
            Self::Field(name) if is_plain(name) => write!(f, ".{name}"),
            // A label's name may hold dots and slashes.
            Self::Field(name) => write!(f, "[{}]", Value::from(name.as_str())),
            Self::Item { names, .. } => {
                let names: Vec<_> = names.iter().map(|(name, value)| format!("{name}={value}")).collect();
                write!(f, "[{}]", names.join(","))
            }
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}
