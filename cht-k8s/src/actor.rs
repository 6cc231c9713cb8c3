//! Who runs something: what a lock and the records say.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person or an automaton, and the machine that they work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// The account, e.g. `ada`.
    pub user: String,
    /// The machine's name.
    pub host: String,
}

impl Actor {
    /// The account and machine that this process runs under, as far as the machine tells.
    pub fn of_this_process() -> Self {
        let variables = ["USER", "LOGNAME", "USERNAME"].into_iter();
        let user = variables.filter_map(|name| std::env::var(name).ok()).find(|user| !user.is_empty());
        Self {
            user: user.unwrap_or_else(|| "unknown".to_owned()),
            host: hostname::get().map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned()),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user, self.host)
    }
}

/// What tells one run from every other, e.g. `9f3c01d27ab4`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RunId(#[schemars(regex(pattern = "^[0-9a-f]{12}$"))] String);

impl RunId {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "no two are alike, which a default value would not say")]
    pub fn new() -> Self {
        let mut bytes = [0; 8];
        if getrandom::fill(&mut bytes[2..]).is_err() {
            // Two processes of one machine never have the same number at the same time.
            let nanos = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.subsec_nanos());
            bytes[4..].copy_from_slice(&(std::process::id() ^ nanos).to_be_bytes());
        }
        Self(format!("{:012x}", u64::from_be_bytes(bytes)))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_apart() {
        let (one, other) = (RunId::new(), RunId::new());
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 12);
    }

    #[test]
    fn an_actor_has_a_name_and_a_machine() {
        let actor = Actor::of_this_process();
        assert!(!actor.user.is_empty() && !actor.host.is_empty(), "{actor}");
    }
}
