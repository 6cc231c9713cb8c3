//! What is in the graph of an instance, and what each writer makes of it.

pub(crate) mod cases;
mod contents;
mod written;
