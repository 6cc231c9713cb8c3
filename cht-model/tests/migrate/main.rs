//! Migrating values: what comes of old values, what is refused, and that nothing else of the text changes.

mod comments;
mod fixture;
mod forms;
mod refusals;
mod results;
