//! A run that is killed at any of its requests, which the server got and whose answer never came back, is completed by the
//! next one: the same objects, the same claims and credentials, and nothing left over.

mod deploys;
mod doomed;
mod uninstalls;
mod world;
