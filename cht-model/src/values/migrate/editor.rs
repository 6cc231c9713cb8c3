//! A text of values that is edited in place. Every edit is checked: what the text says afterwards differs from what it said
//! before in the one thing that was to change, or the text stays as it is.

use super::super::check::LoadError;
use super::super::document::{Entry, Map, Scalar, Value};
use super::super::layer::Layer;
use super::super::load::Values;
use super::super::parse::{parse, whole};
use super::super::reference::References;
use super::super::report::Report;
use super::super::write::scalar;
use super::super::{keys, place::Span};
use super::change::{Change, ChangeKind};
use super::error::MigrateError;
use super::lines::{self, Line};
use super::tree::{add, last_line, node, same, with, with_value};

/// What secrets are shown as.
const HIDDEN: &str = "(hidden)";

/// Words that YAML has for nothing, and for a section without keys.
const NOTHING: [&str; 6] = ["", "~", "null", "Null", "NULL", "{}"];

pub(super) struct Editor {
    lines: Vec<Line>,
    root: Map,
    changes: Vec<Change>,
}

/// A part of a line: the line's index, and the bytes.
struct Stretch {
    line: usize,
    start: usize,
    end: usize,
}

impl Editor {
    pub(super) fn new(text: &str) -> Self {
        Self { lines: lines::split(text), root: read(text).unwrap_or_default(), changes: Vec::new() }
    }

    /// The values as they are written now.
    pub(super) fn load(&self, name: &str, references: &dyn References) -> Result<Values, LoadError> {
        Values::load_with(&[Layer::new(name, lines::join(&self.lines))], references)
    }

    /// The text and the changes, without a line of the old text.
    pub(super) fn finish(mut self, without: Option<usize>) -> (String, Vec<Change>) {
        self.lines.retain(|line| without.is_none() || line.old != without);
        let text = lines::join(&self.lines);
        self.root = read(&text).unwrap_or_default();
        let mut changes = std::mem::take(&mut self.changes);
        for change in &mut changes {
            let same_line = |line: &Line| change.old_line.is_some() && line.old == change.old_line;
            let kept = self.lines.iter().position(same_line).map(|index| index + 1);
            let added = || self.find(&change.key).map(|entry| line_of(entry.key_span) + 1);
            change.new_line = kept.or_else(added).unwrap_or(1);
        }
        changes.sort_by_key(|change| change.new_line);
        (text, changes)
    }

    /// The entry at a path.
    pub(super) fn find(&self, path: &str) -> Option<&Entry> {
        let mut parts = path.split('.');
        let mut entry = self.root.get(parts.next()?)?;
        for part in parts {
            let Value::Map(map) = &entry.node.value else { return None };
            entry = map.get(part)?;
        }
        Some(entry)
    }

    /// A text that is not empty, as it is written.
    pub(super) fn written(&self, path: &str) -> Option<&Scalar> {
        match &self.find(path)?.node.value {
            Value::Scalar(scalar) if !scalar.text.is_empty() => Some(scalar),
            _ => None,
        }
    }

    /// Makes a key have a value, wherever it stands; one that is missing is added.
    pub(super) fn set(&mut self, path: &str, value: &str, why: &str) -> Result<(), MigrateError> {
        let Some(entry) = self.find(path).cloned() else { return self.insert(path, value, why) };
        match &entry.node.value {
            Value::Scalar(scalar) if scalar.text == value => Ok(()),
            Value::Scalar(_) => self.replace(path, &entry, value, why),
            Value::Null => self.fill(path, &entry, value, why),
            Value::List(_) | Value::Map(_) => Err(self.not_editable(path)),
        }
    }

    /// Takes the quotes off a value.
    pub(super) fn unquote(&mut self, path: &str, why: &str) -> Result<(), MigrateError> {
        let Some(entry) = self.find(path).cloned() else { return Err(self.not_editable(path)) };
        let Value::Scalar(scalar) = &entry.node.value else { return Err(self.not_editable(path)) };
        self.replace_by(path, &entry, (&scalar.text, scalar.text.clone(), false), why)
    }

    /// Gives a key another name within its section.
    pub(super) fn rename(&mut self, path: &str, to: &str, why: &str) -> Result<(), MigrateError> {
        let (section, name) = to.rsplit_once('.').unwrap_or(("", to));
        let same_section = path.rsplit_once('.').map_or("", |(section, _)| section) == section;
        let Some(entry) = self.find(path).filter(|_| same_section).cloned() else {
            return Err(self.not_editable(path));
        };
        let Some(stretch) = self.stretch(entry.key_span) else { return Err(self.not_editable(path)) };
        let mut lines = self.lines.clone();
        lines[stretch.line].text.replace_range(stretch.start..stretch.end, name);
        let expected = with(&self.root, path, |map, index| name.clone_into(&mut map.0[index].key));
        self.commit(path, lines, &expected)?;
        let kind = ChangeKind::Renamed { to: to.to_owned() };
        self.note(path, kind, self.lines[stretch.line].old, why);
        Ok(())
    }

    /// Makes a key, with all that belongs to it, a comment. A section that it was the last key of becomes one, too.
    pub(super) fn comment_out(&mut self, path: &str, why: &str) -> Result<(), MigrateError> {
        if let Some((section, _)) = path.rsplit_once('.')
            && matches!(self.find(section).map(|entry| &entry.node.value), Some(Value::Map(map)) if map.0.len() == 1)
        {
            return self.comment_out(section, why);
        }
        let Some(entry) = self.find(path).cloned() else { return Err(self.not_editable(path)) };
        let Some(stretch) = self.stretch(entry.key_span) else { return Err(self.not_editable(path)) };
        let last = last_line(&entry.node).max(stretch.line + 1).min(self.lines.len());
        let column = stretch.start;
        let mut lines = self.lines.clone();
        for line in &mut lines[stretch.line..last] {
            let indent = line.text.len() - line.text.trim_start().len();
            if indent < line.text.len() {
                line.text.insert_str(column.min(indent), "# ");
            }
        }
        let old_line = lines[stretch.line].old;
        let name = path.rsplit_once('.').map_or(path, |(_, name)| name);
        let reason = format!("{}# {name} is commented out: {why}.", &self.lines[stretch.line].text[..column]);
        lines.insert(stretch.line, Line::added(reason, self.lines.get(stretch.line)));
        let expected = with(&self.root, path, |map, index| drop(map.0.remove(index)));
        self.commit(path, lines, &expected)?;
        self.note(path, ChangeKind::CommentedOut, old_line, why);
        Ok(())
    }

    /// Says that a key cannot be edited, at the line of the old text where it or what it belongs in is written.
    pub(super) fn not_editable(&self, path: &str) -> MigrateError {
        let mut above = Some(path);
        let entry = std::iter::from_fn(|| {
            let path = above?;
            above = path.rsplit_once('.').map(|(section, _)| section);
            Some(self.find(path))
        });
        let line = entry.flatten().find_map(|entry| self.lines.get(line_of(entry.key_span))?.old).unwrap_or(1);
        MigrateError::NotEditable { key: path.to_owned(), line }
    }

    fn replace(&mut self, path: &str, entry: &Entry, value: &str, why: &str) -> Result<(), MigrateError> {
        let raw = self.stretch(entry.node.span).map(|stretch| &self.lines[stretch.line].text[stretch.start..]);
        let quote = raw
            .and_then(|raw| raw.chars().next())
            .filter(|c| ['"', '\''].contains(c) && !["true", "false"].contains(&value));
        let (text, quoted) = scalar(value, quote);
        self.replace_by(path, entry, (value, text, quoted), why)
    }

    fn replace_by(
        &mut self,
        path: &str,
        entry: &Entry,
        (value, text, quoted): (&str, String, bool),
        why: &str,
    ) -> Result<(), MigrateError> {
        let Some(stretch) = self.stretch(entry.node.span) else { return Err(self.not_editable(path)) };
        let mut lines = self.lines.clone();
        let line = &mut lines[stretch.line].text;
        let from = line[stretch.start..stretch.end].to_owned();
        line.replace_range(stretch.start..stretch.end, &text);
        self.commit(path, lines, &with_value(&self.root, path, value, quoted))?;
        self.note(path, ChangeKind::Replaced { from, to: text }, self.lines[stretch.line].old, why);
        Ok(())
    }

    /// Writes a value behind a key that has none.
    fn fill(&mut self, path: &str, entry: &Entry, value: &str, why: &str) -> Result<(), MigrateError> {
        let Some(mut lines) = self.emptied(entry) else { return Err(self.not_editable(path)) };
        let index = line_of(entry.key_span);
        let (text, quoted) = scalar(value, None);
        let line = &mut lines[index].text;
        let colon = line.find(": ").map_or(line.trim_end().len(), |at| at + 1);
        line.insert_str(colon, &format!(" {text}"));
        self.commit(path, lines, &with_value(&self.root, path, value, quoted))?;
        let kind = ChangeKind::Replaced { from: "nothing".to_owned(), to: text };
        self.note(path, kind, self.lines[index].old, why);
        Ok(())
    }

    /// Adds a key that is not there.
    fn insert(&mut self, path: &str, value: &str, why: &str) -> Result<(), MigrateError> {
        let (text, quoted) = scalar(value, None);
        let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
        let pair = format!("{key}: {text}");
        let lines = match self.find(section).cloned() {
            None => self.with_section(section, &pair),
            Some(entry) => match &entry.node.value {
                Value::Map(map) if !map.0.is_empty() => self.with_sibling(map, key, &pair),
                Value::Map(_) | Value::Null => self.with_first(&entry, &pair),
                Value::Scalar(_) | Value::List(_) => None,
            },
        };
        let Some(lines) = lines else { return Err(self.not_editable(path)) };
        let mut expected = self.root.clone();
        add(&mut expected, section, Entry { key: key.to_owned(), key_span: whole(0), node: node(value, quoted) });
        self.commit(path, lines, &expected)?;
        self.note(path, ChangeKind::Added { to: text }, None, why);
        Ok(())
    }

    /// The lines with a new section at their end.
    fn with_section(&self, section: &str, pair: &str) -> Option<Vec<Line>> {
        let mut lines = self.lines.clone();
        let like = self.lines.first().cloned();
        if let Some(last) = lines.last_mut().filter(|last| last.end.is_empty()) {
            last.end = Line::added(String::new(), like.as_ref()).end;
        }
        let is_blank = |line: &Line| line.text.trim().is_empty();
        // A text whose sections stand apart goes on like that.
        if lines.iter().skip_while(|line| is_blank(line)).any(is_blank) && !lines.last().is_some_and(is_blank) {
            lines.push(Line::added(String::new(), like.as_ref()));
        }
        lines.push(Line::added(format!("{section}:"), like.as_ref()));
        lines.push(Line::added(format!("  {pair}"), like.as_ref()));
        (!section.is_empty() && !section.contains('.')).then_some(lines)
    }

    /// The lines with a key after the others of its section, or after the one that counts up to it.
    fn with_sibling(&self, map: &Map, key: &str, pair: &str) -> Option<Vec<Line>> {
        let on_one_line = |entry: &&Entry| {
            matches!(entry.node.value, Value::Scalar(_)) && last_line(&entry.node) == line_of(entry.node.span) + 1
        };
        let before = key.rsplit_once('-').and_then(|(stem, number)| {
            let before = number.parse::<usize>().ok()?.checked_sub(1)?;
            map.get(&format!("{stem}-{before}"))
        });
        let last = || map.0.iter().filter(on_one_line).max_by_key(|entry| entry.key_span.position);
        let entry = before.filter(on_one_line).or_else(last)?;
        let at = self.stretch(entry.key_span)?;
        let mut lines = self.lines.clone();
        let indent = lines[at.line].text[..at.start].to_owned();
        if indent.trim().is_empty() {
            let like = &self.lines[at.line];
            let added = Line::added(format!("{indent}{pair}"), Some(like));
            if lines[at.line].end.is_empty() {
                lines[at.line].end.clone_from(&added.end);
            }
            lines.insert(at.line + 1, added);
        } else {
            let value = self.stretch(entry.node.span)?;
            lines[value.line].text.insert_str(value.end, &format!(", {pair}"));
        }
        Some(lines)
    }

    /// The lines with the first key of a section that has none.
    fn with_first(&self, section: &Entry, pair: &str) -> Option<Vec<Line>> {
        let mut lines = self.emptied(section)?;
        let at = self.stretch(section.key_span)?;
        let first = Line::added(format!("{}  {pair}", " ".repeat(at.start)), self.lines.get(at.line));
        if lines[at.line].end.is_empty() {
            lines[at.line].end.clone_from(&first.end);
        }
        lines.insert(at.line + 1, first);
        Some(lines)
    }

    /// The lines with nothing behind a key but a comment, where there is nothing but a word for nothing now.
    fn emptied(&self, entry: &Entry) -> Option<Vec<Line>> {
        let key = self.stretch(entry.key_span)?;
        let (before, after) = self.lines[key.line].text.split_at(key.end);
        let (value, comment) = after.find(" #").map_or((after, ""), |at| after.split_at(at));
        let value = value.trim_start().strip_prefix(':')?;
        let mut lines = self.lines.clone();
        lines[key.line].text = format!("{before}:{comment}");
        NOTHING.contains(&value.trim()).then_some(lines)
    }

    /// Takes the lines over, if they say what is expected.
    fn commit(&mut self, path: &str, lines: Vec<Line>, expected: &Map) -> Result<(), MigrateError> {
        match read(&lines::join(&lines)) {
            Some(root) if same(&root, expected) => {
                (self.lines, self.root) = (lines, root);
                Ok(())
            }
            _ => Err(self.not_editable(path)),
        }
    }

    fn note(&mut self, path: &str, kind: ChangeKind, old_line: Option<usize>, why: &str) {
        let hide = |kind| match kind {
            ChangeKind::Replaced { .. } => ChangeKind::Replaced { from: HIDDEN.to_owned(), to: HIDDEN.to_owned() },
            ChangeKind::Added { .. } => ChangeKind::Added { to: HIDDEN.to_owned() },
            other => other,
        };
        let kind = if keys::is_secret(path) { hide(kind) } else { kind };
        self.changes.push(Change { key: path.to_owned(), kind, old_line, new_line: 0, why: why.to_owned() });
    }

    fn stretch(&self, span: Span) -> Option<Stretch> {
        let position = span.position?;
        let line = self.lines.get(position.line - 1)?;
        let (start, end) = (line.offset(position.column - 1), line.offset(position.column - 1 + position.length));
        Some(Stretch { line: position.line - 1, start, end })
    }
}

fn read(text: &str) -> Option<Map> {
    parse(0, text, &mut Report::default()).ok()
}

/// The index of the line that something starts on.
fn line_of(span: Span) -> usize {
    span.position.map_or(0, |position| position.line - 1)
}
