//! A layer's lines, for showing the one that a problem is on, unless it may hold a secret.

use std::ops::RangeInclusive;

use super::document::{Map, Value};
use super::keys;
use super::layer::Layer;
use super::lines::Lines;

pub(crate) struct Source {
    origin: String,
    text: String,
    lines: Lines,
    known: Known,
}

/// What is known about the lines.
enum Known {
    /// The text was read: these lines hold secrets.
    Read { secret: Vec<RangeInclusive<usize>> },
    /// It was not, so any line without a key may belong to a secret that goes over several lines.
    Unread,
}

/// Words that a line with a secret may have, whatever its key.
const SECRET_WORDS: [&str; 5] = ["pass", "secret", "token", "user", "uuid"];

/// The longest line that helps when it is shown, in bytes.
const LONGEST_LINE: usize = 400;

impl Source {
    pub(crate) fn new(layer: &Layer, root: Option<&Map>) -> Self {
        let known = root.map_or(Known::Unread, |map| {
            let mut secret = Vec::new();
            secret_lines(map, "", &mut secret);
            Known::Read { secret }
        });
        let text = layer.text.clone();
        Self { origin: layer.origin.clone(), lines: Lines::of(&text), text, known }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// A line by its number, from 1, if it may be shown.
    pub(crate) fn line(&self, number: usize) -> Option<String> {
        let line = self.lines.line(&self.text, number)?;
        if line.len() > LONGEST_LINE {
            return None;
        }
        // This key's value is a name.
        let lower = line.to_lowercase().replace("existing_secret", "");
        let harmless = match &self.known {
            Known::Read { secret } => !secret.iter().any(|lines| lines.contains(&number)),
            Known::Unread => starts_with_key(line),
        };
        (harmless && !SECRET_WORDS.iter().any(|word| lower.contains(word))).then(|| line.to_owned())
    }
}

fn starts_with_key(line: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    line.split_once(':').is_some_and(|(key, _)| !key.trim().is_empty() && key.trim().chars().all(word))
}

fn secret_lines(map: &Map, parent: &str, lines: &mut Vec<RangeInclusive<usize>>) {
    for entry in &map.0 {
        let path = keys::join(parent, &entry.key);
        let section = matches!(entry.node.value, Value::Map(_));
        if keys::is_secret(&path) || (keys::holds_secrets(&path) && !section) {
            let first = entry.key_span.position.map_or(0, |position| position.line);
            lines.push(first..=entry.node.last_line.max(first));
        } else if let Value::Map(inner) = &entry.node.value {
            secret_lines(inner, &path, lines);
        }
    }
}
