//! From text to an instance, through the public interface alone.

mod credentials;
mod defaults;
mod effective;
mod examples;
mod fixture;
mod instances;
mod invariants;
mod layers;
mod problems;
mod random;
mod references;
mod resources;
mod scalars;
mod secrets;
mod starter;
mod syntax;
mod table;
mod warnings;
mod worst;
