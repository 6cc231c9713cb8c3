//! One line, of one container.

use k8s_openapi::jiff::Timestamp;

use super::containers::Source;
use crate::redact::Redactor;
use crate::{ComponentName, WrittenLine};

/// What stands for the rest of a line that is too long.
const CUT: &str = "[…]";

/// A line that a container wrote, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// What the container is of.
    pub component: ComponentName,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// When it was written, by the node's clock; none where the server says something in place of the container.
    pub time: Option<Timestamp>,
    /// The line, which may hold control characters. Of one that is longer than 64 KiB, the beginning.
    pub text: String,
}

/// A container whose lines cannot be had, or not all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// What the container is of.
    pub component: ComponentName,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Why.
    pub reason: String,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tailed {
    /// A line.
    Line(LogLine),
    /// That lines are missing.
    Missed(Missed),
}

impl LogLine {
    pub(super) fn of(source: &Source, line: &WrittenLine, redactor: &Redactor) -> Self {
        let mut text = redactor.redact(&line.text);
        if line.is_cut {
            // What was cut may end with a part of a secret, which nothing can know.
            let end = text.len().saturating_sub(redactor.longest());
            text.truncate(text.floor_char_boundary(end));
            text.push_str(CUT);
        }
        let Source { component, pod, container, .. } = source.clone();
        Self { component, pod: pod.name, container, time: line.time, text }
    }
}

impl Missed {
    pub(super) fn of(source: &Source, reason: &str, redactor: &Redactor) -> Self {
        let Source { component, pod, container, .. } = source.clone();
        Self { component, pod: pod.name, container, reason: redactor.redact(reason) }
    }
}
