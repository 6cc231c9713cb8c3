//! Where the data of an instance is: its claims with their volumes, and the volumes that were left by what is gone.

mod claimed;
mod left;
mod look;
#[cfg(test)]
mod tests;

pub use claimed::{ClaimedVolume, MountedBy};
pub use left::LeftVolume;
pub use look::{NodeFolder, Volumes, volumes};

pub(crate) use claimed::claimed;
