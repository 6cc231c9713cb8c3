//! The line above what `helm get values` prints.

use super::super::lines::Lines;

/// The line that stands above the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading {
    /// Its number.
    pub(super) line: usize,
    /// Whether the values below are what Helm was given alone, without what the chart adds to it.
    pub(super) user_supplied: bool,
}

const USER_SUPPLIED: &str = "USER-SUPPLIED VALUES:";
const COMPUTED: &str = "COMPUTED VALUES:";

/// The heading, if the first line with anything on it is one.
pub(super) fn find(text: &str) -> Option<Heading> {
    let index = Lines::of(text);
    let mut lines = (1..).map_while(|number| Some((number, index.line(text, number)?.trim())));
    let (line, words) = lines.find(|(_, words)| !words.is_empty())?;
    [USER_SUPPLIED, COMPUTED].contains(&words).then_some(Heading { line, user_supplied: words == USER_SUPPLIED })
}

/// The text with an empty line in place of the heading, so that every other line keeps its number.
pub(super) fn blanked(text: &str, heading: Option<Heading>) -> String {
    match heading {
        None => text.to_owned(),
        Some(heading) => text.replacen(if heading.user_supplied { USER_SUPPLIED } else { COMPUTED }, "", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_may_be_a_heading() {
        let found = |text| find(text).map(|heading| (heading.line, heading.user_supplied));
        assert_eq!(found("USER-SUPPLIED VALUES:\na: 1\n"), Some((1, true)));
        assert_eq!(found("\r\n \nCOMPUTED VALUES: \na: 1\n"), Some((3, false)));
        for text in ["", "a: 1\nUSER-SUPPLIED VALUES:\n", "# USER-SUPPLIED VALUES:\n", "USER-SUPPLIED VALUES: 1\n"] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn other_lines_keep_their_numbers() {
        let text = "\nUSER-SUPPLIED VALUES:\nnamespace: a\n";
        assert_eq!(blanked(text, find(text)), "\n\nnamespace: a\n");
    }
}
