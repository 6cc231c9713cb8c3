//! Texts as YAML scalars.

/// A text as YAML, and whether it is in quotes: in those that are asked for, else where it needs some.
pub(crate) fn scalar(text: &str, quote: Option<char>) -> (String, bool) {
    let is_plain = is_plain(text);
    match quote {
        Some('"') if is_plain => (format!("\"{text}\""), true),
        None if is_plain => (text.to_owned(), false),
        _ if text.contains(char::is_control) => (format!("{text:?}"), true),
        _ => (format!("'{}'", text.replace('\'', "''")), true),
    }
}

/// Whether a text means the same without quotes, wherever it stands.
fn is_plain(text: &str) -> bool {
    let start = |c: char| c.is_ascii_alphanumeric() || c == '/';
    let word = |c: char| start(c) || "._-:=+@".contains(c);
    text.starts_with(start)
        && text.chars().all(word)
        && !text.ends_with(':')
        && !["null", "Null", "NULL"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::super::document::Value;
    use super::super::parse::parse;
    use super::super::report::Report;
    use super::scalar;

    #[test]
    fn what_is_written_is_read_again() {
        let texts = [
            "5.3.0",
            "/srv/a",
            "arn:aws:a",
            "https://a/b",
            "a: b",
            "a #b",
            "",
            "null",
            "~",
            "-",
            "- a",
            "it's",
            "é",
            "a:",
            "\"q\"",
            "{}",
            "a\nb",
            "*a",
            "&a",
            "!a",
            "0123",
            "a,b",
            "%d",
        ];
        for text in texts {
            for quote in [None, Some('"'), Some('\'')] {
                for yaml in
                    [format!("a: {}\n", scalar(text, quote).0), format!("a: {{b: {}}}\n", scalar(text, quote).0)]
                {
                    let Ok(map) = parse(0, &yaml, &mut Report::default()) else { panic!("{yaml}") };
                    let node = map.0.into_iter().next().expect("a key").node;
                    let inner = match node.value {
                        Value::Map(map) => map.0.into_iter().next().expect("a key").node.value,
                        value => value,
                    };
                    assert!(matches!(inner, Value::Scalar(found) if found.text == text), "{yaml}");
                }
            }
        }
    }
}
