//! An instance as a picture: what it consists of, who calls whom, and where the data is.
//!
//! [`Graph::of`] reads all of it from the rendered objects; [`Graph::seen`] adds how a cluster has them. [`svg`],
//! [`mermaid`] and [`dot`] write it down. All of that is text: there is no clock, no font and no file, so the same
//! graph gives the same bytes. Objects that say nothing of calls or data are no part of it, and Secrets never are.

mod calls;
mod colours;
mod dot;
mod lines;
mod mermaid;
mod model;
mod objects;
mod svg;
#[cfg(test)]
pub(crate) mod tests;
mod volumes;

pub use dot::dot;
pub use mermaid::mermaid;
pub use model::{Condition, Fact, Graph, Heading, Link, Part, PartId, PartKind, Relation, Seen, State};
pub use svg::svg;
