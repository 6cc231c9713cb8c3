//! What a check has found.

use std::fmt;

use serde::Serialize;

use super::check::{Category, Check};
use crate::ClusterError;

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub category: Category,
    /// The check.
    pub check: Check,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, in words; for what was not checked, why.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as it has to be.
    Ok,
    /// It could not be checked.
    Unknown,
    /// It may be trouble.
    Warning,
    /// A deploy would fail, or the instance is broken.
    Fatal,
}

impl Verdict {
    /// The verdict's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Fatal => "fatal",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Finding {
    fn new(check: Check, verdict: Verdict, message: impl Into<String>, hint: Option<String>) -> Self {
        Self { category: check.category(), check, verdict, message: message.into(), hint }
    }

    pub(super) fn ok(check: Check, message: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, message, None)
    }

    pub(super) fn warning(check: Check, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warning, message, Some(hint.into()))
    }

    pub(super) fn fatal(check: Check, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(check, Verdict::Fatal, message, Some(hint.into()))
    }

    /// Not checked, and why.
    pub(super) fn unknown(check: Check, why: impl Into<String>) -> Self {
        Self::new(check, Verdict::Unknown, why, None)
    }

    /// Not checked, for the cluster did not say.
    pub(super) fn unanswered(check: Check, error: &ClusterError) -> Self {
        let hint = match error {
            ClusterError::Forbidden { .. } => "ask whoever runs the cluster, who may see it, to run this command",
            _ => "run this command again",
        };
        Self::new(check, Verdict::Unknown, error.to_string(), Some(hint.to_owned()))
    }
}
