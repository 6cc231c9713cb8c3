//! What an instance requests and uses, beside what its nodes have.

mod look;
mod measured;
#[cfg(test)]
mod tests;

pub use look::{ClaimUse, ComponentUse, NodeUse, Resources, resources};
