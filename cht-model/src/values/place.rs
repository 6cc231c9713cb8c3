//! Where in the layers something is written.

use std::fmt;

/// Where in the layers something is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    layer: usize,
    position: Option<Position>,
    origin: String,
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters, at least 1; never more than the line has.
    pub length: usize,
}

/// A place before the layer's name is looked up. Without a position it is the layer as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) layer: usize,
    pub(crate) position: Option<Position>,
}

impl Place {
    pub(crate) fn new(span: Span, origin: &str) -> Self {
        Self { layer: span.layer, position: span.position, origin: origin.to_owned() }
    }

    /// The file's name as it was given, or `--set` with the key that it sets.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where in the file; none for a file as a whole and for `--set`.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        self.position.map_or(Ok(()), |at| write!(f, ":{}:{}", at.line, at.column))
    }
}
