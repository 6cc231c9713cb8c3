//! Every key that is written, whatever it is for: unknown ones, those of the other line, and wrong shapes.

use super::release::Line;
use crate::values::code::Code;
use crate::values::document::{Entry, Map, Value};
use crate::values::keys::{self, Lines};
use crate::values::read::{Reader, is_empty};
use crate::values::report::Finding;
use crate::values::suggest;

pub(super) fn check(reader: &mut Reader, root: &Map, line: Line) {
    section(reader, root, "", line);
}

fn section(reader: &mut Reader, map: &Map, path: &str, line: Line) {
    for entry in &map.0 {
        let path = keys::join(path, &entry.key);
        if let Some(key) = keys::find(&path) {
            value(reader, entry, &path);
            if !is_empty(&entry.node.value) {
                other_line(reader, entry, &path, key.lines, line);
            }
        } else if keys::is_section(&path) {
            match &entry.node.value {
                Value::Map(inner) => section(reader, inner, &path, line),
                empty if is_empty(empty) => {}
                _ => {
                    reader.wrong_shape(&path, &entry.node);
                }
            }
        } else {
            unknown(reader, entry, &path);
        }
    }
}

fn value(reader: &mut Reader, entry: &Entry, path: &str) {
    if matches!(entry.node.value, Value::List(_) | Value::Map(_)) {
        reader.wrong_shape(path, &entry.node);
    }
}

fn unknown(reader: &mut Reader, entry: &Entry, path: &str) {
    let suggestion = suggest::key(path)
        .map_or_else(|| "it has no effect: remove it".to_owned(), |key| format!("did you mean {key}?"));
    let finding = Finding::new(Code::UnknownKey, "is not a key that CHT has").key(path).at(entry.key_span);
    reader.report.warning(finding.hint(suggestion));
}

fn other_line(reader: &mut Reader, entry: &Entry, path: &str, lines: Lines, line: Line) {
    let (theirs, ours, ours_key) = match (lines, line) {
        (Lines::V4(key), Line::V5(_)) => ("4.x", "5.x", key),
        (Lines::V5(key), Line::V4) => ("5.x", "4.x", key),
        _ => return,
    };
    let finding = match ours_key {
        Some(key) => Finding::new(Code::OtherLine, format!("is what {theirs} calls {key}, and is read as that"))
            .hint(format!("on {ours} write {key}")),
        None => Finding::new(Code::OtherLine, format!("is a key of {theirs}, and has no effect on {ours}"))
            .hint("remove it"),
    };
    reader.report.warning(finding.key(path).at(entry.key_span));
}
