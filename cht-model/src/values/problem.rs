//! What is wrong, or doubtful, with values.

use std::fmt;

use super::code::{Code, Severity};
use super::place::Place;

/// One thing that is wrong, or doubtful, with values. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) place: Option<Place>,
    pub(crate) key: Option<String>,
    pub(crate) what: String,
    pub(crate) expected: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) source_line: Option<String>,
}

impl Problem {
    /// The kind of problem.
    pub fn code(&self) -> Code {
        self.code
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Where it is written; for a missing key the section that it belongs in. None when there is no layer at all.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// The key's path with dots, e.g. `couchdb.password`; none for a text that is no YAML.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What happened, as a clause that follows the key: `is missing`.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What belongs there, where that can be said: `a number from 1 to 65535`.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// What to do, or why it matters.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The line of the file, unless it may hold something secret.
    pub fn source_line(&self) -> Option<&str> {
        self.source_line.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key} ")?;
        }
        f.write_str(&self.what)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

/// Problems in the order in which they are written: by layer, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    /// The problems in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.iter().filter(|problem| problem.severity == Severity::Error)
    }

    /// The warnings alone.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.iter().filter(|problem| problem.severity == Severity::Warning)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// One problem to a line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
