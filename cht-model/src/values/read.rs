//! Reads of values as text. Each one that fails says why in the report, once.

use std::fmt::Display;

use super::code::Code;
use super::document::{Map, Node, Scalar, Value};
use super::parse::whole;
use super::place::{Place, Span};
use super::report::{Finding, Read, Report, Reported};
use super::source::Source;
use super::{keys, placeholder};

/// Reads values and reports what is wrong with them.
pub(crate) struct Reader<'v> {
    root: &'v Map,
    pub(crate) report: Report,
}

/// A text with its key and place.
#[derive(Clone)]
pub(crate) struct Text<'v> {
    key: String,
    span: Span,
    pub(crate) scalar: &'v Scalar,
}

impl<'v> Text<'v> {
    pub(crate) fn as_str(&self) -> &'v str {
        &self.scalar.text
    }

    /// Where it is written.
    pub(crate) fn place(&self, sources: &[Source]) -> Place {
        Place::new(self.span, sources.get(self.span.layer).map(Source::origin).unwrap_or_default())
    }

    /// The text for a message. What a reference stands for is not shown: it may be a secret.
    pub(crate) fn shown(&self) -> String {
        match &self.scalar.reference {
            Some(reference) => format!("the value of {}", shortened(reference)),
            None => format!("{:?}", shortened(&self.scalar.text)),
        }
    }

    pub(crate) fn finding(&self, code: Code, what: impl Into<String>) -> Finding {
        Finding::new(code, what).key(&self.key).at(self.span)
    }
}

/// A long text's beginning, so that a message stays a line.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() > LONGEST { text.chars().take(LONGEST).chain(['…']).collect() } else { text.to_owned() }
}

impl<'v> Reader<'v> {
    pub(crate) fn new(root: &'v Map) -> Self {
        Self { root, report: Report::default() }
    }

    /// Reports a text that breaks the rule for its key.
    pub(crate) fn invalid(&mut self, text: &Text, expected: impl Display) -> Reported {
        self.report.error(text.finding(Code::Invalid, format!("is {}", text.shown())).expected(expected.to_string()))
    }

    /// Reports a key that is needed and not there.
    pub(crate) fn missing(&mut self, path: &str, hint: Option<&str>) -> Reported {
        let (what, span) = match self.entry(path) {
            Ok(Some(node)) => ("is empty", node.span),
            _ => ("is missing", self.nearest(path)),
        };
        let finding = Finding::new(Code::Missing, what).key(path).at(span).expected(wants(path));
        self.report.error(finding.hint_if_any(hint))
    }

    /// A text as it was written, empty ones too; nothing for a key that is missing or has no value.
    pub(crate) fn text(&mut self, path: &str) -> Read<Option<Text<'v>>> {
        let Some(text) = self.raw(path)? else { return Ok(None) };
        if placeholder::is_in(text.as_str()) {
            let finding = text.finding(Code::Placeholder, format!("still is the placeholder {}", text.shown()));
            return Err(self.report.error(finding.expected(wants(path))));
        }
        if text.as_str().contains(char::is_control) {
            let finding = text.finding(Code::Invalid, "has a line break or another control character in it");
            return Err(self.report.error(finding.expected(wants(path))));
        }
        Ok(Some(text))
    }

    /// A text that is not empty.
    pub(crate) fn filled(&mut self, path: &str) -> Read<Option<Text<'v>>> {
        Ok(self.text(path)?.filter(|text| !text.as_str().is_empty()))
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, path: &str) -> Read<Text<'v>> {
        self.filled(path)?.ok_or_else(|| self.missing(path, None))
    }

    /// A value that takes no effect by itself, so that nothing about it is reported.
    pub(crate) fn peek(&self, path: &str) -> Option<&'v str> {
        match self.entry(path) {
            Ok(Some(Node { value: Value::Scalar(scalar), .. })) if !scalar.text.is_empty() => Some(&scalar.text),
            _ => None,
        }
    }

    /// Whether a key has a value that is not empty.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.peek(path).is_some()
    }

    /// Whether a key is written, with nothing or an empty text for its value.
    pub(crate) fn is_blank(&self, path: &str) -> bool {
        matches!(self.entry(path), Ok(Some(node)) if is_empty(&node.value))
    }

    /// A finding about a key, where it is written.
    pub(crate) fn finding(&self, path: &str, code: Code, what: impl Into<String>) -> Finding {
        let span = self.entry(path).ok().flatten().map_or_else(|| self.nearest(path), |node| node.span);
        Finding::new(code, what).key(path).at(span)
    }

    /// Warns of a key that is written and changes nothing, `why` being a clause that follows "has no effect".
    pub(crate) fn warn_of_no_effect(&mut self, path: &str, why: &str, hint: &str) {
        if self.has(path) {
            let finding = self.finding(path, Code::NoEffect, format!("has no effect {why}"));
            self.report.warning(finding.hint(hint));
        }
    }

    /// A text as it is, placeholders and all.
    pub(crate) fn raw(&mut self, path: &str) -> Read<Option<Text<'v>>> {
        let node = match self.entry(path) {
            Ok(node) => node,
            Err((section, node)) => return Err(self.wrong_shape(&section, node)),
        };
        match node {
            None | Some(Node { value: Value::Null, .. }) => Ok(None),
            Some(Node { value: Value::Scalar(scalar), span, .. }) => {
                Ok(Some(Text { key: path.to_owned(), span: *span, scalar }))
            }
            Some(node) => Err(self.wrong_shape(path, node)),
        }
    }

    /// Reports a value of another shape than its key has.
    pub(crate) fn wrong_shape(&mut self, path: &str, node: &Node) -> Reported {
        let expected = if keys::is_section(path) { "a section with keys of its own".to_owned() } else { wants(path) };
        let finding = Finding::new(Code::Shape, format!("is {}", node.value.kind())).key(path).at(node.span);
        self.report.error(finding.expected(expected))
    }

    /// The node at a path, or the section on the way that is no section.
    pub(crate) fn entry(&self, path: &str) -> Result<Option<&'v Node>, (String, &'v Node)> {
        let mut map = self.root;
        let mut walked = String::new();
        let (sections, last) = path.rsplit_once('.').unwrap_or(("", path));
        for part in sections.split('.').filter(|part| !part.is_empty()) {
            walked = keys::join(&walked, part);
            let Some(entry) = map.get(part) else { return Ok(None) };
            match &entry.node.value {
                Value::Map(inner) => map = inner,
                value if is_empty(value) => return Ok(None),
                _ => return Err((walked, &entry.node)),
            }
        }
        Ok(map.get(last).map(|entry| &entry.node))
    }

    /// Where a missing key belongs: its innermost section that is written, else the first file.
    fn nearest(&self, path: &str) -> Span {
        let mut map = self.root;
        let mut span = None;
        for part in path.split('.') {
            let Some(entry) = map.get(part) else { break };
            span = Some(entry.key_span);
            let Value::Map(inner) = &entry.node.value else { break };
            map = inner;
        }
        span.unwrap_or(whole(0))
    }
}

/// Whether a value stands for a section without keys.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Scalar(scalar) => scalar.text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.0.is_empty(),
    }
}

/// What belongs at a path, as the table of keys says.
pub(crate) fn wants(path: &str) -> String {
    keys::find(path).map_or("a value", |key| key.wants).to_owned()
}
