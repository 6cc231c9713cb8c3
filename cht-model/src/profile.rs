//! How much more than CHT's charts an instance's objects have.

use std::fmt;

/// What an instance's objects are like (`profile`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// As CHT's charts make them, but for what would not run or lose data.
    Chart,
    /// With all that a database of patients' records needs besides: probes, time to stop, no more rights than used.
    Production,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Chart, Self::Production];

    /// The name that values have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
