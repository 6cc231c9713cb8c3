//! What the containers of an instance write, of all of them together: in order of time as far as it is there already, then
//! as it comes.

mod backlog;
mod containers;
mod follower;
mod line;
mod options;
mod position;
mod start;
#[cfg(test)]
mod tests;

pub use line::{LogLine, Missed, Tailed};
pub use options::TailOptions;
pub use start::{Tailing, tail};
