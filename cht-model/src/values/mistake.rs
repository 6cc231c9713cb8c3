//! What the YAML parser refuses, in words that help: the mistakes that people make are named, and no text is quoted.

use granit_parser::{ErrorKind, ScanError};

use super::code::Code;
use super::lines::Lines;
use super::parse::MAX_DEPTH;
use super::report::Finding;

/// A mistake, and where it is when that is not where the parser noticed it.
pub(super) struct Mistake {
    pub(super) finding: Finding,
    pub(super) at: Option<(usize, usize)>,
}

/// Names the mistake behind a parser's error.
pub(super) fn explain(error: &ScanError, text: &str, lines: &Lines) -> Mistake {
    let number = error.marker().line().max(1);
    let tab = (number..number + 2).find_map(|number| Some((number, tab_in_indentation(lines.line(text, number)?)?)));
    if let Some(at) = tab.filter(|(line, _)| *line == number || is_about_tabs(error.kind())) {
        let finding = Finding::new(Code::Syntax, "a tab stands in the indentation").expected("spaces");
        return Mistake { finding, at: Some(at) };
    }
    let before: String = lines.line(text, number).unwrap_or_default().chars().take(error.marker().col()).collect();
    Mistake { finding: finding(error.kind(), &before), at: None }
}

/// The finding for an error, with what stands before it on its line.
fn finding(kind: &ErrorKind, before: &str) -> Finding {
    let named = |what: &str, fix: &str| Finding::new(Code::Syntax, what).hint(fix);
    match kind {
        ErrorKind::UnclosedQuotedScalar => named("a quote is opened and never closed", "close it on the same line"),
        ErrorKind::UnclosedFlowCollection { .. } => named("a bracket is opened and never closed", "close it"),
        ErrorKind::UnknownAnchor => {
            named("an alias refers to an anchor that is not there", "put a text that starts with '*' in quotes")
        }
        ErrorKind::MappingValueNotAllowed if before.contains(": ") => {
            named("a second ':' stands where only a value may", "put a text with ': ' in quotes")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            named("a key does not line up with the keys around it", "start the keys of a section in the same column")
        }
        ErrorKind::SimpleKeyExpected => {
            named("a text stands where a key belongs", "write a key, ':' and a space first")
        }
        ErrorKind::UnexpectedCharacter { .. } => {
            named("a character stands here that no plain text starts with", "put the text in quotes")
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            named("an escape in double quotes is not known", "write \\\\ for a backslash, or use single quotes")
        }
        ErrorKind::RecursionLimitExceeded => {
            Finding::new(Code::Limit, "the text is nested too deep").expected(format!("at most {MAX_DEPTH} levels"))
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            named("a bracket is closed by one of another kind", "close '[' with ']' and '{' with '}'")
        }
        other => named(&format!("the text is not YAML: {other}"), "look for a quote or bracket too many or too few"),
    }
}

fn is_about_tabs(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    )
}

/// The column of a tab before the first other character.
fn tab_in_indentation(line: &str) -> Option<usize> {
    let indentation = &line[..line.len() - line.trim_start().len()];
    indentation.chars().position(|c| c == '\t').map(|index| index + 1)
}
