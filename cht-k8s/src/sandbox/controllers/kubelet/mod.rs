//! Runs the containers of a pod on its node: mounts, pulls, starts, probes, restarts, stops.

mod container;
mod create;
mod image;
mod mount;
mod pauses;
mod pod;
mod process;
mod steps;

pub(super) use pod::{begin, stopped};
pub(super) use steps::container;

pub(crate) use pauses::STOP;
pub(crate) use process::strike;
