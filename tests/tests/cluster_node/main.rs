//! Whole instances as real pods on a real node, deployed by the built program. CHT's images are stand-ins.

mod application;
mod data;
mod failures;
mod lines;
mod logs;
mod names;
mod probes;
mod reaching;
mod recovery;
mod site;
mod stopping;
mod upgrade;
mod waiting;
mod watching;
