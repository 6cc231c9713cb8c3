//! Taints that the CouchDB pods tolerate.

use crate::values::code::Code;
use crate::values::read::{Reader, Text};
use crate::values::report::Read;
use crate::{Toleration, TolerationEffect};

/// The toleration, where its key is given.
pub(super) fn read(reader: &mut Reader) -> Read<Vec<Toleration>> {
    let key = reader.filled("toleration.key");
    if matches!(key, Ok(None)) {
        return Ok(Vec::new());
    }
    let key = key.and_then(|key| key.map(|key| checked_key(reader, &key)).transpose());
    let value = value(reader);
    let effect = effect(reader);
    Ok(key?.map(|key| Ok(Toleration { key, value: value?, effect: effect? })).transpose()?.into_iter().collect())
}

/// The value; none for the operator `Exists`, an empty one for `Equal` without a value.
fn value(reader: &mut Reader) -> Read<Option<String>> {
    let any_value = reader.choice("toleration.operator", &[("Equal", false), ("Exists", true)]);
    let text = reader.filled("toleration.value")?;
    let value = text.as_ref().map(|text| checked_value(reader, text)).transpose();
    match (any_value?.unwrap_or(false), text) {
        (true, Some(text)) => {
            let finding = text.finding(Code::Conflict, "is set, but the operator Exists tolerates any value");
            Err(reader.report.error(finding.hint("remove it, or write operator: Equal")))
        }
        (true, None) => Ok(None),
        (false, _) => Ok(Some(value?.unwrap_or_default())),
    }
}

fn effect(reader: &mut Reader) -> Read<Option<TolerationEffect>> {
    use TolerationEffect::{NoExecute, NoSchedule, PreferNoSchedule};
    let effects = [NoSchedule, PreferNoSchedule, NoExecute].map(|effect| (effect.as_str(), effect));
    reader.choice("toleration.effect", &effects)
}

fn checked_key(reader: &mut Reader, text: &Text) -> Read<String> {
    let (prefix, name) = text.as_str().rsplit_once('/').map_or((None, text.as_str()), |(p, n)| (Some(p), n));
    let domain = |prefix: &str| !prefix.is_empty() && prefix.len() <= 253 && prefix.split('.').all(is_word);
    if is_word(name) && prefix.is_none_or(domain) {
        return Ok(text.as_str().to_owned());
    }
    let rule =
        "the key of a taint: at most 63 letters, digits, '-', '_' or '.', with an optional domain and '/' in front";
    Err(reader.invalid(text, rule))
}

fn checked_value(reader: &mut Reader, text: &Text) -> Read<String> {
    if is_word(text.as_str()) {
        return Ok(text.as_str().to_owned());
    }
    Err(reader.invalid(text, "the value of a taint: at most 63 letters, digits, '-', '_' or '.'"))
}

/// A label's value, and the name in a label's key: what Kubernetes allows for taints too.
fn is_word(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&text.len())
        && text.chars().all(|c| end(c) || "-_.".contains(c))
        && text.starts_with(end)
        && text.ends_with(end)
}
