//! Values: what a person writes, from text to a validated [`Instance`](crate::Instance).

mod assignment;
mod check;
mod code;
mod document;
mod effective;
mod keys;
mod layer;
mod lines;
mod load;
mod merge;
mod migrate;
mod mistake;
mod parse;
mod place;
mod placeholder;
mod problem;
mod read;
mod reference;
mod report;
mod schema;
mod secret;
mod source;
pub mod starter;
mod suggest;
mod typed;
mod validate;
mod write;

pub use check::{Checked, Invalid, LoadError};
pub use code::{Code, Severity};
pub use effective::{EffectiveValue, EffectiveValues, Origin, ShownValue};
pub use layer::Layer;
pub use load::Values;
pub use migrate::{Change, ChangeKind, InvalidTarget, MigrateError, Migration, Target, migrate};
pub use place::{Place, Position};
pub use problem::{Problem, Problems};
pub use reference::{NoReferences, References};
