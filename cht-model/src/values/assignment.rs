//! `--set key=value` to a tree of values.

use super::code::Code;
use super::document::{Entry, Map, Node, Value};
use super::parse::{self, whole};
use super::report::{Finding, Read, Report};

/// Reads `couchdb.user=medic` as the values of one layer.
pub(crate) fn parse(layer: usize, text: &str, report: &mut Report) -> Read<Map> {
    let refused = |what: String| {
        let hint = "write for example --set couchdb.user=medic".to_owned();
        Finding::new(Code::Syntax, what).at(whole(layer)).expected("key=value").hint(hint)
    };
    let Some((path, value)) = text.split_once('=') else {
        return Err(report.error(refused("an override has no '='".to_owned())));
    };
    if !is_path(path) {
        return Err(report.error(refused("an override starts with what is no key".to_owned())));
    }
    let value = scalar(layer, value, report)?;
    let (value, key) = path.rsplit('.').fold((value, None), |(value, inner), part| match inner {
        None => (value, Some(part)),
        Some(key) => (Value::Map(entry(layer, key, value)), Some(part)),
    });
    Ok(entry(layer, key.unwrap_or_default(), value))
}

/// Whether a text is a key with dots between its parts.
pub(crate) fn is_path(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    text.split('.').all(word)
}

fn entry(layer: usize, key: &str, value: Value) -> Map {
    let node = Node { span: whole(layer), last_line: 0, value };
    Map(vec![Entry { key: key.to_owned(), key_span: whole(layer), node }])
}

/// Text in quotes is read as YAML; any other stands as it is, so that a shell's arguments need no second quoting.
fn scalar(layer: usize, text: &str, report: &mut Report) -> Read<Value> {
    if text.starts_with(['"', '\'']) {
        // A file of one key, so that the quotes are read by the same rules as in a file.
        let mut inner = Report::default();
        if let Ok(mut map) = parse::parse(layer, &format!("value: {text}"), &mut inner)
            && map.0.len() == 1
            && let Some(Entry { node: Node { value: value @ Value::Scalar(_), .. }, .. }) = map.0.pop()
        {
            return Ok(value);
        }
        let finding = Finding::new(Code::Syntax, "an override's value starts with a quote and does not end with it");
        return Err(report.error(finding.at(whole(layer)).hint("end it with the same quote, or leave both out")));
    }
    Ok(Value::plain(text))
}
