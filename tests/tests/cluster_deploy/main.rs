//! Whole deploys on a real API server, with the node player for nodes: first and later ones, what goes wrong, what is kept.

mod certificate;
mod deletion;
mod diff;
mod doctor;
mod events;
mod existing_secret;
mod failures;
mod first;
mod host_claim;
#[cfg(unix)]
mod laptop;
mod lines;
mod look;
mod rollback;
mod rollout;
mod run;
mod safety;
mod secrets;
mod site;
mod snapshot;
mod strict;
mod unchanged;
mod uninstall;
mod values;
