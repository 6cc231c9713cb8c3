//! The lines of a text as YAML counts them: a carriage return alone ends one, too.

/// Where each line of a text begins, so that finding one takes no longer for being far down.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self([0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect())
    }

    /// A line of the text by its number, from 1, without its end.
    pub(crate) fn line<'a>(&self, text: &'a str, number: usize) -> Option<&'a str> {
        let start = *self.0.get(number.checked_sub(1)?)?;
        let end = self.0.get(number).copied().unwrap_or(text.len());
        Some(text.get(start..end)?.trim_end_matches(['\r', '\n']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_end_counts_once() {
        let text = "a\nb\r\nc\r\rd\n";
        let index = Lines::of(text);
        let lines: Vec<_> = (0..8).map(|number| index.line(text, number)).collect();
        assert_eq!(lines, [None, Some("a"), Some("b"), Some("c"), Some(""), Some("d"), Some(""), None]);
    }
}
