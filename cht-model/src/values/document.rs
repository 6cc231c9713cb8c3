//! A tree of values in which everything knows where it was written. None of it has `Debug`: any text may be a secret.

use super::place::Span;

#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    /// The last line that the node takes, for texts that go over several.
    pub(crate) last_line: usize,
    pub(crate) value: Value,
}

#[derive(Clone)]
pub(crate) enum Value {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Map),
}

/// A text as it was written, whatever YAML would make of it: `0.32`, `4.10` and `0123` stay that.
#[derive(Clone)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) quoted: bool,
    /// The text before references like `${env:NAME}` were replaced, where it had any.
    pub(crate) reference: Option<String>,
}

#[derive(Clone, Default)]
pub(crate) struct Map(pub(crate) Vec<Entry>);

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

impl Value {
    /// A text that is not in quotes: YAML has words for nothing.
    pub(crate) fn plain(text: &str) -> Self {
        if ["", "~", "null", "Null", "NULL"].contains(&text) {
            return Self::Null;
        }
        Self::Scalar(Scalar { text: text.to_owned(), quoted: false, reference: None })
    }

    /// What the value is, as problems name it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Scalar(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) => "a section with keys of its own",
        }
    }
}

impl Node {
    /// How many nodes the tree has, itself included, and how many bytes of text.
    pub(crate) fn size(&self) -> (usize, usize) {
        let own = (1, if let Value::Scalar(scalar) = &self.value { scalar.text.len() } else { 0 });
        let add = |(nodes, bytes): (usize, usize), node: &Self| {
            let (more_nodes, more_bytes) = node.size();
            (nodes + more_nodes, bytes + more_bytes)
        };
        match &self.value {
            Value::Null | Value::Scalar(_) => own,
            Value::List(items) => items.iter().fold(own, add),
            Value::Map(map) => map.0.iter().map(|entry| &entry.node).fold(own, add),
        }
    }
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }
}
