//! The command `cht` as people and scripts use it, without a cluster: what it prints, how it ends, and what it leaves in the
//! sandbox.

mod bad_input;
mod broken;
mod connection;
mod data_safety;
mod diff;
mod drift;
mod embedding;
mod event_schema;
mod event_signals;
mod events;
mod examples;
mod existing_secret;
mod help;
mod init;
mod json;
mod migrate_values;
mod output;
mod ownership;
mod readme;
mod rollback;
mod sandbox_file;
mod secrets;
mod support;
mod values_schema;
mod values_show;
