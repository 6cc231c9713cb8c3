//! The lines of a text as YAML counts them: a carriage return alone ends one, too.

/// A line by its number, from 1, without its end.
pub(crate) fn line(text: &str, number: usize) -> Option<&str> {
    let mut rest = text;
    for _ in 1..number {
        let end = rest.find(['\r', '\n'])?;
        let length = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + length..];
    }
    (number > 0).then(|| &rest[..rest.find(['\r', '\n']).unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_end_counts_once() {
        let lines: Vec<_> = (0..8).map(|number| line("a\nb\r\nc\r\rd\n", number)).collect();
        assert_eq!(lines, [None, Some("a"), Some("b"), Some("c"), Some(""), Some("d"), Some(""), None]);
    }
}
