//! Makes containers: this is where their configuration is read.

use cht_manifests::{Kind, ObjectKey};
use serde_json::Value;

use super::container::Container;
use super::pauses::{RETRY, START};
use crate::sandbox::agenda::Step;
use crate::sandbox::json::{items, text};
use crate::sandbox::world::World;

pub(super) fn create(world: &mut World, container: &Container<'_>) {
    let problem = world.faults.config_error(container.name).or_else(|| missing_value(world, container));
    if let Some(message) = problem {
        container.wait(world, "CreateContainerConfigError", &message);
        container.warn(world, "Failed", format!("Error: {message}"));
        container.next(world, RETRY, Step::Create);
        return;
    }
    container.normal(world, "Created", format!("Created container {}", container.name));
    container.next(world, START, Step::Start);
}

/// What a container's environment refers to and is not there.
fn missing_value(world: &World, container: &Container<'_>) -> Option<String> {
    let namespace = container.namespace();
    let sources = [("secretKeyRef", Kind::Secret, "secret"), ("configMapKeyRef", Kind::ConfigMap, "configmap")];
    for variable in items(&container.spec, "/env") {
        for (field, kind, word) in sources {
            let Some(reference) = variable.pointer(&format!("/valueFrom/{field}")) else { continue };
            if reference.get("optional") == Some(&Value::Bool(true)) {
                continue;
            }
            let name = text(reference, "/name").unwrap_or_default();
            let wanted = text(reference, "/key").unwrap_or_default();
            let Some(found) = world.store.get(&ObjectKey::new(kind, namespace, name)) else {
                return Some(format!("{word} {name:?} not found"));
            };
            let has = |data: &str| found.get(data).and_then(|data| data.get(wanted)).is_some();
            if !has("data") && !has("binaryData") {
                return Some(format!("couldn't find key {wanted} in {kind} {namespace}/{name}"));
            }
        }
    }
    for source in items(&container.spec, "/envFrom") {
        for (field, kind, word) in
            [("secretRef", Kind::Secret, "secret"), ("configMapRef", Kind::ConfigMap, "configmap")]
        {
            let Some(name) = text(source, &format!("/{field}/name")) else { continue };
            let optional = source.pointer(&format!("/{field}/optional")) == Some(&Value::Bool(true));
            if !optional && world.store.get(&ObjectKey::new(kind, namespace, name)).is_none() {
                return Some(format!("{word} {name:?} not found"));
            }
        }
    }
    None
}
