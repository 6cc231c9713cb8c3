//! What checking values gives: the whole with its warnings, or all of the problems.

use super::problem::Problems;

/// Something that was checked, with what someone should look at.
#[derive(Debug, Clone)]
pub struct Checked<T> {
    /// What was checked.
    pub value: T,
    /// What someone should look at.
    pub warnings: Problems,
}

/// The values cannot be read: each problem of each layer, in order.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the values cannot be read\n{problems}")]
pub struct LoadError {
    /// What is wrong.
    pub problems: Problems,
}

/// The values make no instance: every error and every warning, in order.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the values make no instance\n{problems}")]
pub struct Invalid {
    /// What is wrong, and what someone should look at.
    pub problems: Problems,
}
