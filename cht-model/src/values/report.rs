//! Collects findings while values are read, and turns them into problems at the end.

use super::code::{Code, Severity};
use super::place::{Place, Span};
use super::problem::{Problem, Problems};
use super::read::shortened;
use super::source::Source;

/// Proof that a problem was reported: whoever holds one may give up quietly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reported(());

/// The result of reading something; its error has been reported already.
pub(crate) type Read<T> = Result<T, Reported>;

/// A problem in the making.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    code: Code,
    span: Option<Span>,
    key: Option<String>,
    what: String,
    expected: Option<String>,
    hint: Option<String>,
}

impl Finding {
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, span: None, key: None, what: what.into(), expected: None, hint: None }
    }

    pub(crate) fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// A key that nobody knows may be any text: it is shown on a line, and not all of it.
    pub(crate) fn key(mut self, key: impl AsRef<str>) -> Self {
        self.key = Some(shortened(&key.as_ref().escape_debug().to_string()));
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn hint_if_any(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }
}

/// What has been found so far.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<(Severity, Finding)>);

impl Report {
    pub(crate) fn error(&mut self, finding: Finding) -> Reported {
        self.add(Severity::Error, finding);
        Reported(())
    }

    pub(crate) fn warning(&mut self, finding: Finding) {
        self.add(Severity::Warning, finding);
    }

    /// A value that is read twice is reported once.
    fn add(&mut self, severity: Severity, finding: Finding) {
        let entry = (severity, finding);
        if !self.0.contains(&entry) {
            self.0.push(entry);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.0.iter().any(|(severity, _)| *severity == Severity::Error)
    }

    pub(crate) fn finish(self, sources: &[Source]) -> Problems {
        let mut problems: Vec<_> = self.0.into_iter().map(|entry| problem(entry, sources)).collect();
        problems.sort_by(|a, b| (&a.place, &a.key, a.code, &a.what).cmp(&(&b.place, &b.key, b.code, &b.what)));
        Problems(problems)
    }
}

fn problem((severity, finding): (Severity, Finding), sources: &[Source]) -> Problem {
    let Finding { code, span, key, what, expected, hint } = finding;
    let source = span.and_then(|span| sources.get(span.layer));
    // Whatever stands behind a key that is not known may be a secret behind a misspelt name.
    let source_line = source
        .filter(|_| code != Code::UnknownKey)
        .zip(span.and_then(|span| span.position))
        .and_then(|(source, position)| source.line(position.line));
    let place = span.zip(source).map(|(span, source)| Place::new(span, source.origin()));
    Problem { code, severity, place, key, what, expected, hint, source_line }
}
