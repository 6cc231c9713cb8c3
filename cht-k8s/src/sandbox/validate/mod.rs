//! What the API server does not accept.

mod access;
mod data;
mod names;
mod network;
mod object;
mod pod;
mod problems;
mod storage;
mod workload;

pub(crate) use object::object;
pub(crate) use problems::Problems;
