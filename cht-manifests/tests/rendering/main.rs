//! What is rendered for small values of every release line, platform and topology.

mod cases;
mod components;
mod consistency;
mod contents;
mod credentials;
mod deviations;
mod ingress;
mod json;
mod migration;
mod network;
mod policies;
mod profile;
mod random;
mod references;
mod rendered;
mod storage;
