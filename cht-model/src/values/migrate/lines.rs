//! A text as lines that remember their numbers, so that places in it outlive edits.

/// One line.
#[derive(Clone)]
pub(super) struct Line {
    /// Its number in the old text; none for a line that was added.
    pub(super) old: Option<usize>,
    pub(super) text: String,
    /// What ends it: nothing at the end of the text.
    pub(super) end: String,
}

/// The lines of a text, as YAML counts them.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let end = match &rest[length..] {
            end if end.starts_with("\r\n") => 2,
            "" => 0,
            _ => 1,
        };
        lines.push(Line {
            old: Some(lines.len() + 1),
            text: rest[..length].to_owned(),
            end: rest[length..length + end].to_owned(),
        });
        rest = &rest[length + end..];
    }
    lines
}

/// The text of lines.
pub(super) fn join(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.text.as_str(), line.end.as_str()]).collect()
}

impl Line {
    /// A line that the old text does not have, ended like its neighbour.
    pub(super) fn added(text: String, like: Option<&Self>) -> Self {
        let end = like.map(|line| line.end.as_str()).filter(|end| !end.is_empty()).unwrap_or("\n");
        Self { old: None, text, end: end.to_owned() }
    }

    /// The byte at which a character starts, counted from 0; the line's end for one that is beyond it.
    pub(super) fn offset(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(offset, _)| offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_make_their_text_again() {
        for text in ["", "\n", "a", "a\nb\r\n\rc\n", "\r\n\n", "é: ü"] {
            assert_eq!(join(&split(text)), text, "{text:?}");
        }
        let ends: Vec<_> = split("a\nb\r\nc\rd").into_iter().map(|line| (line.text, line.end)).collect();
        assert_eq!(
            ends,
            [("a", "\n"), ("b", "\r\n"), ("c", "\r"), ("d", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }
}
