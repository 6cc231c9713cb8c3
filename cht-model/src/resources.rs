//! How much of a machine an instance's programs are given.

mod sizes;

use std::fmt;

use crate::{Cpu, Quantity};

/// How large an instance is (`size`): what its programs are given by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// What CHT needs at least.
    Small,
    /// A machine of four processors and 16 GiB.
    Medium,
    /// A machine of 16 processors and 16 GiB, or more.
    Large,
}

impl Size {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The name that values have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A program of an instance, which has a container of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the programs' own names")]
pub enum Program {
    CouchDb,
    Nouveau,
    HaProxy,
    HealthCheck,
    Api,
    Sentinel,
    UpgradeService,
}

impl Program {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::CouchDb,
        Self::Nouveau,
        Self::HaProxy,
        Self::HealthCheck,
        Self::Api,
        Self::Sentinel,
        Self::UpgradeService,
    ];

    /// The section of values that is about it.
    pub fn section(self) -> &'static str {
        match self {
            Self::CouchDb => "couchdb",
            Self::Nouveau => "nouveau",
            Self::HaProxy => "haproxy",
            Self::HealthCheck => "healthcheck",
            Self::Api => "api",
            Self::Sentinel => "sentinel",
            Self::UpgradeService => "upgrade_service",
        }
    }
}

/// What a program is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// What it is sure to get.
    pub cpu_request: Cpu,
    /// What it never gets more than. By default it may have whatever nobody else uses.
    pub cpu_limit: Option<Cpu>,
    /// What is kept free for it.
    pub memory_request: Quantity,
    /// What it is ended for exceeding.
    pub memory_limit: Quantity,
}

/// What each program of an instance is given: what its size says, but for what the values say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizing {
    pub(crate) size: Size,
    /// In the order of [`Program::ALL`]. Boxed: instances are moved around.
    pub(crate) programs: Box<[Resources; Program::ALL.len()]>,
}

impl Sizing {
    /// What a size says.
    pub fn of(size: Size) -> Self {
        Self { size, programs: Box::new(Program::ALL.map(|program| sizes::resources(size, program))) }
    }

    /// The size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// What a program is given.
    pub fn program(&self, program: Program) -> &Resources {
        &self.programs[program as usize]
    }

    pub(crate) fn program_mut(&mut self, program: Program) -> &mut Resources {
        &mut self.programs[program as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_where_they_are_looked_for() {
        for (index, program) in Program::ALL.into_iter().enumerate() {
            assert_eq!(program as usize, index);
        }
    }
}
