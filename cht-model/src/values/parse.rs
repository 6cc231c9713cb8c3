//! YAML text to a tree of values, within bounds, from the events of the parser.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Range, StrInput, Tag};

use super::code::Code;
use super::document::{Entry, Map, Node, Scalar, Value};
use super::lines::Lines;
use super::place::{Position, Span};
use super::report::{Finding, Read, Report, Reported};
use super::{keys, mistake};

/// The largest text that is read, in bytes. The charts' files have less than 8 KiB.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The largest tree that is built, aliases counted as what they stand for. The charts' files have less than 150 nodes.
const MAX_NODES: usize = 2_000;
/// The longest key that is read, in bytes. The longest that is known has less than 50.
const MAX_KEY: usize = 200;
/// The deepest tree that is built. Values have four levels.
pub(super) const MAX_DEPTH: usize = 32;

/// Reads a text as the values of one layer.
pub(crate) fn parse(layer: usize, text: &str, report: &mut Report) -> Read<Map> {
    if text.len() > MAX_BYTES {
        let finding = Finding::new(Code::Limit, format!("the file has {} bytes", text.len()));
        return Err(report.error(finding.at(whole(layer)).expected(format!("at most {MAX_BYTES} bytes"))));
    }
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder {
        parser,
        text,
        lines: Lines::of(text),
        layer,
        report,
        anchors: HashMap::new(),
        path: Vec::new(),
        nodes: 0,
        repeated: 0,
    };
    builder.document()
}

/// A layer as a whole.
pub(crate) fn whole(layer: usize) -> Span {
    Span { layer, position: None }
}

struct Builder<'a, 'r> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    lines: Lines,
    layer: usize,
    report: &'r mut Report,
    anchors: HashMap<usize, Node>,
    path: Vec<String>,
    nodes: usize,
    /// How many bytes of text aliases stand for.
    repeated: usize,
}

impl<'a> Builder<'a, '_> {
    fn document(&mut self) -> Read<Map> {
        let mut root = None;
        loop {
            let (event, range) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) if root.is_some() => {
                    let finding = Finding::new(Code::Syntax, "a second document starts here").at(self.span(range));
                    return Err(self.report.error(finding.expected("one document").hint("pass several files")));
                }
                Event::DocumentStart(..) => {
                    let (event, range) = self.next()?;
                    root = Some(self.node(event, range)?);
                }
                _ => {}
            }
        }
        match root.map(|node| (node.span, node.value)) {
            None | Some((_, Value::Null)) => Ok(Map::default()),
            Some((_, Value::Map(map))) => Ok(map),
            Some((span, other)) => {
                let finding = Finding::new(Code::Shape, format!("the file is {}", other.kind()));
                Err(self.report.error(finding.at(span).expected("keys with values, like `namespace: my-county`")))
            }
        }
    }

    fn node(&mut self, event: Event<'a>, range: Range) -> Read<Node> {
        self.count(1, range)?;
        let span = self.span(range);
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, self.scalar(&text, style, tag.as_deref(), range)?),
            Event::SequenceStart(_, anchor, tag) => {
                self.no_tag(tag.as_deref(), range)?;
                (anchor, Value::List(self.list()?))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.no_tag(tag.as_deref(), range)?;
                (anchor, Value::Map(self.map()?))
            }
            Event::Alias(id) => return self.alias(id, range),
            _ => return Err(self.syntax("the text ends before a value", "write a value", range)),
        };
        let node = Node { span, last_line: range.end.line(), value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self) -> Read<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            let (event, range) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(items);
            }
            items.push(self.node(event, range)?);
        }
    }

    fn map(&mut self) -> Read<Map> {
        let mut map = Map::default();
        let mut merged = Vec::new();
        loop {
            let (event, key_range) = self.next()?;
            let (key, plain) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) if text.len() > MAX_KEY => {
                    let finding = Finding::new(Code::Limit, "a key is longer than any that CHT has");
                    let finding = finding.at(self.span(key_range)).expected(format!("at most {MAX_KEY} bytes"));
                    return Err(self.report.error(finding));
                }
                Event::Scalar(text, style, ..) => (text.into_owned(), style == ScalarStyle::Plain),
                _ => return Err(self.syntax("a key is not a single text", "write a key as one word", key_range)),
            };
            let (event, range) = self.next()?;
            self.path.push(key);
            let node = self.node(event, range)?;
            let key = self.path.pop().unwrap_or_default();
            let entry = Entry { key_span: self.span(key_range), key, node };
            if plain && entry.key == "<<" {
                merged.push(entry);
            } else if let Some(first) = map.get(&entry.key) {
                let first = first.key_span;
                self.duplicate(&entry, first);
            } else {
                map.0.push(entry);
            }
        }
        for entry in merged {
            self.merge(&mut map, entry)?;
        }
        Ok(map)
    }

    /// `<<: *defaults`: the keys of another map, or of several, where the map has none of its own.
    fn merge(&mut self, map: &mut Map, entry: Entry) -> Read<()> {
        let sources = match entry.node.value {
            Value::List(items) => items.into_iter().map(|item| item.value).collect(),
            other => vec![other],
        };
        for source in sources {
            let Value::Map(source) = source else {
                let finding = Finding::new(Code::Syntax, "`<<` does not stand before keys to take over");
                return Err(self.report.error(finding.at(entry.key_span).expected("`<<: *name` of a map")));
            };
            for inherited in source.0 {
                if map.get(&inherited.key).is_none() {
                    map.0.push(inherited);
                }
            }
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, range: Range) -> Read<Value> {
        let mut quoted = style != ScalarStyle::Plain;
        match tag {
            Some(tag) if tag.core_suffix() == Some("str") => quoted = true,
            other => self.no_tag(other, range)?,
        }
        let scalar = || Value::Scalar(Scalar { text: text.to_owned(), quoted, reference: None });
        Ok(if quoted { scalar() } else { Value::plain(text) })
    }

    fn alias(&mut self, id: usize, range: Range) -> Read<Node> {
        let Some(node) = self.anchors.get(&id) else {
            return Err(self.syntax(
                "an alias stands inside what it refers to",
                "write out what it shall stand for",
                range,
            ));
        };
        let (count, bytes) = node.size();
        self.count(count, range)?;
        self.repeated = self.repeated.saturating_add(bytes);
        if self.repeated > MAX_BYTES {
            let finding = Finding::new(Code::Limit, "aliases stand for more text than values have");
            let finding = finding.at(self.span(range)).expected(format!("at most {MAX_BYTES} bytes in all"));
            return Err(self.report.error(finding));
        }
        let value = self.anchors.get(&id).map_or(Value::Null, |node| node.value.clone());
        Ok(Node { span: self.span(range), last_line: range.end.line(), value })
    }

    /// A tag changes what a value is; the only one that values may need says "this is text".
    fn no_tag(&mut self, tag: Option<&Tag>, range: Range) -> Read<()> {
        if tag.is_none() {
            return Ok(());
        }
        let range = range.tag_span().unwrap_or(range);
        let finding = Finding::new(Code::Syntax, "a value starts with a tag").at(self.span(range));
        Err(self.report.error(finding.hint("put a text that starts with '!' in quotes")))
    }

    fn duplicate(&mut self, entry: &Entry, first: Span) {
        let path = keys::join(&self.path.join("."), &entry.key);
        let line = first.position.map_or(0, |position| position.line);
        // What looks like a key below a password may be the password.
        let path = keys::secret_above(&path).map_or(path, str::to_owned);
        let finding = Finding::new(Code::DuplicateKey, format!("is written twice, first on line {line}"));
        self.report.error(finding.key(path).at(entry.key_span).hint("keep one of the two"));
    }

    fn count(&mut self, more: usize, range: Range) -> Read<()> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MAX_NODES {
            let finding =
                Finding::new(Code::Limit, "the file has too many values, aliases counted as what they stand for");
            return Err(self
                .report
                .error(finding.at(self.span(range)).expected(format!("at most {MAX_NODES} values"))));
        }
        Ok(())
    }

    fn next(&mut self) -> Read<(Event<'a>, Range)> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.scan_error(&error)),
            None => Err(self.report.error(Finding::new(Code::Syntax, "the text ends too early").at(whole(self.layer)))),
        }
    }

    fn syntax(&mut self, what: &str, fix: &str, range: Range) -> Reported {
        let finding = Finding::new(Code::Syntax, what).at(self.span(range)).hint(fix);
        self.report.error(finding)
    }

    fn scan_error(&mut self, error: &ScanError) -> Reported {
        let marker = error.marker();
        let mistake = mistake::explain(error, self.text, &self.lines);
        let (line, column) = mistake.at.unwrap_or((marker.line().max(1), marker.col() + 1));
        let position = Position { line, column, length: 1 };
        self.report.error(mistake.finding.at(Span { layer: self.layer, position: Some(position) }))
    }

    fn span(&self, range: Range) -> Span {
        let (number, column) = (range.start.line().max(1), range.start.col() + 1);
        let length = if range.end.line() == range.start.line() {
            range.end.col().saturating_sub(range.start.col())
        } else {
            let line = self.lines.line(self.text, number).unwrap_or_default();
            (line.trim_end().chars().count() + 1).saturating_sub(column)
        };
        Span { layer: self.layer, position: Some(Position { line: number, column, length: length.max(1) }) }
    }
}
