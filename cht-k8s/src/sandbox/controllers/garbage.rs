//! Deletes what belonged to an object that is gone.

use cht_manifests::Kind;

use crate::sandbox::world::{World, owned_by};

pub(super) fn collect(world: &mut World, uid: &str) {
    for kind in [Kind::ReplicaSet, Kind::Pod] {
        for key in owned_by(world, kind, None, uid) {
            world.delete(&key);
        }
    }
}
