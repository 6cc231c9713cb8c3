//! Gives a new namespace what every namespace has, and empties one that is deleted.

use cht_manifests::{Kind, ObjectKey};
use serde_json::json;

use super::MANAGER;
use crate::sandbox::json::text;
use crate::sandbox::world::World;

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(namespace) = world.store.get(key) else { return };
    if text(namespace, "/metadata/deletionTimestamp").is_some() {
        empty(world, key);
    } else {
        furnish(world, &key.name);
    }
}

fn furnish(world: &mut World, namespace: &str) {
    let account = ObjectKey::new(Kind::ServiceAccount, namespace, "default");
    if world.store.get(&account).is_none() {
        let object = json!({"metadata": {"name": "default", "namespace": namespace}});
        world.create(Kind::ServiceAccount, object, MANAGER);
    }
    let certificate = ObjectKey::new(Kind::ConfigMap, namespace, "kube-root-ca.crt");
    if world.store.get(&certificate).is_none() {
        let object = json!({
            "metadata": {"name": "kube-root-ca.crt", "namespace": namespace},
            "data": {"ca.crt": "the sandbox has no certificate\n"},
        });
        world.create(Kind::ConfigMap, object, MANAGER);
    }
}

/// Deletes everything that is left; the namespace goes when nothing is.
fn empty(world: &mut World, key: &ObjectKey) {
    let inside: Vec<_> =
        world.store.objects().keys().filter(|inside| inside.namespace.as_deref() == Some(&key.name)).cloned().collect();
    if inside.is_empty() {
        world.remove(key);
        return;
    }
    for object in inside {
        world.delete(&object);
    }
}
