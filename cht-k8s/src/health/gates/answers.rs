//! What the services of an instance have said, which the [view](super::super::View) keeps beside what the watches know.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use cht_manifests::Component;

use super::super::problem::ProblemCode;
use super::question::{Behind, Question};
use crate::redact::Redactor;

/// What is not known when nobody can be asked.
const NOBODY_ASKED: &str = "whether CouchDB, HAProxy and the API answer";

/// Something of an instance's health that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchecked {
    /// What it is, e.g. `whether CouchDB, HAProxy and the API answer`.
    pub what: String,
    /// Why it could not be found out.
    pub why: String,
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was not checked: {}", self.what, self.why)
    }
}

impl Unchecked {
    /// This without secrets: servers may repeat what they were sent.
    pub(crate) fn redacted(&self, redactor: &Redactor) -> Self {
        Self { what: self.what.clone(), why: redactor.redact(&self.why) }
    }
}

/// What the services have said, and what they are asked.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    demand: Demand,
    said: BTreeMap<Question, (Behind, Verdict)>,
    unchecked: Vec<Unchecked>,
    /// Whether nobody can be asked.
    given_up: bool,
}

/// Whose answers are needed for a component to be ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Demand {
    /// Nobody's: pods that run are enough.
    #[default]
    Nobodys,
    /// One component's.
    Of(Component),
    /// Everyone's.
    Everyones,
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It serves.
    Yes,
    /// It does not yet.
    NotYet(Hurdle),
}

/// Why a component does not serve yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hurdle {
    /// In a person's words.
    pub(crate) reason: String,
    /// What to do about it, and how long after the pods are available it is time for that.
    pub(crate) hint: Option<(ProblemCode, Duration)>,
}

impl Hurdle {
    pub(in crate::health) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: None }
    }

    pub(in crate::health) fn hint(self, code: ProblemCode, after: Duration) -> Self {
        Self { hint: Some((code, after)), ..self }
    }
}

/// How it stands with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing<'a> {
    /// Nothing is in the way: the answer is good, nobody wants it, or it cannot be had.
    Passed,
    /// There is no answer yet.
    Open,
    /// The answer is bad.
    NotYet(&'a Hurdle),
}

impl Answers {
    /// From here on, these answers are needed.
    pub(crate) fn demand(&mut self, demand: Demand) {
        self.demand = demand;
    }

    /// How it stands with a question that these pods would answer.
    pub(crate) fn standing(&self, question: Question, behind: &Behind) -> Standing<'_> {
        let is_wanted = match self.demand {
            Demand::Nobodys => false,
            Demand::Of(component) => component == question.component(),
            Demand::Everyones => true,
        };
        if !is_wanted || self.given_up {
            return Standing::Passed;
        }
        match self.said.get(&question) {
            Some((said_by, verdict)) if said_by == behind => match verdict {
                Verdict::Yes => Standing::Passed,
                Verdict::NotYet(hurdle) => Standing::NotYet(hurdle),
            },
            _ => Standing::Open,
        }
    }

    /// Takes in an answer. Answers whether it is another than before.
    pub(in crate::health) fn take(&mut self, question: Question, behind: Behind, verdict: Verdict) -> bool {
        let new = Some((behind, verdict));
        let old = self.said.get(&question);
        let is_news = old != new.as_ref();
        self.said.extend(new.map(|new| (question, new)));
        is_news
    }

    /// Something cannot be found out. It counts as answered.
    pub(super) fn leave_unchecked(&mut self, what: &str, why: &str) {
        let unchecked = Unchecked { what: what.to_owned(), why: why.to_owned() };
        if !self.unchecked.contains(&unchecked) {
            self.unchecked.push(unchecked);
        }
    }

    /// Nobody can be asked.
    pub(super) fn give_up(&mut self, why: &str) {
        if !self.given_up {
            self.given_up = true;
            self.leave_unchecked(NOBODY_ASKED, why);
        }
    }

    /// What could not be found out so far.
    pub(crate) fn unchecked(&self) -> &[Unchecked] {
        &self.unchecked
    }
}
