//! Text as YAML scalars that every reader takes for that text.

use std::fmt::Write;

/// What YAML, of one version or another, takes for something else than text.
const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan"];

/// The text as it is where that is safe, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let harmless = text.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c));
    if starts_well && harmless && !WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    quoted(text)
}

/// The text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                // Nothing fails that is written to a `String`.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::values::document::Value;
    use crate::values::parse;
    use crate::values::report::Report;

    /// What a file that holds it says.
    fn read(scalar: &str) -> Option<String> {
        let map = parse::parse(0, &format!("key: {scalar}\n"), &mut Report::default()).ok()?;
        match &map.get("key")?.node.value {
            Value::Scalar(scalar) => Some(scalar.text.clone()),
            _ => None,
        }
    }

    #[test]
    fn plain_text_stays_plain() {
        for text in ["clinic", "cht.example.org", "/var/lib/clinic-couchdb1", "gp2"] {
            assert_eq!(scalar(text), text);
        }
        for text in ["", "123", "1e5", "off", "Null", "~", "*.example.org", "a: b", "a #b", "-", "0x1f", "${env:X}"] {
            assert_eq!(scalar(text), format!("\"{text}\""));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            prop_assert_eq!(read(&scalar(&text)), Some(text.clone()));
            prop_assert_eq!(read(&quoted(&text)), Some(text));
        }
    }
}
