//! Writing objects as the API server does it: server-side apply, updates, deletion.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::ByteString;
use serde_json::{Value, json};

use super::json::{self, text};
use super::managed::{self, Author};
use super::store::key_of;
use super::validate::{self, Problems};
use super::world::{World, count_generation};
use super::{defaults, immutable, merge, naming, schema, seed, shape};
use crate::{ApplyMode, ClusterError};

/// What comes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The object is kept.
    Written,
    /// Nothing: it was only to be seen what would come of it.
    Tried,
}

/// Applies `wanted` as `manager`. Answers with the object as it is, or would be, afterwards.
pub(crate) fn apply(
    world: &mut World,
    kind: Kind,
    mut wanted: Value,
    manager: &str,
    mode: ApplyMode,
    effect: Effect,
) -> Result<Value, ClusterError> {
    let key = key_of(kind, &wanted);
    let invalid = |message: String| ClusterError::Invalid { object: key.clone(), message };
    drop_nulls(&mut wanted);
    let of_type = schema::of(kind);
    shape::check(kind, &wanted).map_err(&invalid)?;
    schema::check(&wanted, of_type, "")
        .map_err(|problem| invalid(format!("failed to create typed patch object: {problem}")))?;
    if key.name.is_empty() {
        return Err(invalid("metadata.name: Required value: name is required".to_owned()));
    }
    let live = world.store.get(&key).cloned();
    if live.is_none() {
        check_namespace(world, &key)?;
    }

    let fields = merge::fields_of(&wanted, of_type);
    // The status is the cluster's own; the rest of what identifies an object is not for the asker to say either.
    json::remove(&mut wanted, &["status"]);
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
        json::remove(&mut wanted, &["metadata", field]);
    }
    let now = world.stamp();
    let author = Author { manager, api_version: &kind.api_version(), now: &now };
    let base = live.clone().unwrap_or_else(|| json!({}));
    let new = managed::applied(&base, &wanted, fields, of_type, author, mode == ApplyMode::Force)
        .map_err(|fields| ClusterError::FieldConflict { object: key.clone(), fields })?;
    commit(world, &key, live.as_ref(), new, effect)
}

/// Changes an object as `manager`, in the way of `kubectl edit`.
pub(crate) fn update(
    world: &mut World,
    key: &ObjectKey,
    manager: &str,
    edit: impl FnOnce(&mut Value),
) -> Result<Value, ClusterError> {
    let invalid = |message: String| ClusterError::Invalid { object: key.clone(), message };
    let old = world.store.get(key).cloned().ok_or_else(|| invalid(not_found(key)))?;
    let mut new = old.clone();
    edit(&mut new);
    drop_nulls(&mut new);
    shape::check(key.kind, &new).map_err(&invalid)?;
    let now = world.stamp();
    let author = Author { manager, api_version: &key.kind.api_version(), now: &now };
    let new = managed::updated(&old, new, schema::of(key.kind), author);
    commit(world, key, Some(&old), new, Effect::Written)
}

/// Makes an object as it is given, if there is none of its name.
pub(crate) fn create(world: &mut World, key: &ObjectKey, manager: &str, object: &Value) -> Result<Value, ClusterError> {
    if world.store.get(key).is_some() {
        let message = format!("{} {:?} already exists", key.kind.plural(), key.name);
        return Err(ClusterError::Changed { object: key.clone(), message });
    }
    check_namespace(world, key)?;
    let mut new = object.clone();
    drop_nulls(&mut new);
    shape::check(key.kind, &new).map_err(|message| ClusterError::Invalid { object: key.clone(), message })?;
    let now = world.stamp();
    let author = Author { manager, api_version: &key.kind.api_version(), now: &now };
    let new = managed::updated(&json!({}), new, schema::of(key.kind), author);
    commit(world, key, None, new, Effect::Written)
}

/// Writes an object as it is given, if it is of the version that is there.
pub(crate) fn replace(
    world: &mut World,
    key: &ObjectKey,
    manager: &str,
    object: &Value,
) -> Result<Value, ClusterError> {
    let changed = |message: String| ClusterError::Changed { object: key.clone(), message };
    let live = world.store.get(key).ok_or_else(|| changed(not_found(key)))?;
    let version = text(object, "/metadata/resourceVersion");
    let identity = |object: &Value| text(object, "/metadata/uid").map(str::to_owned);
    let other = version.is_some() && version != text(live, "/metadata/resourceVersion");
    if other || identity(object).is_some_and(|uid| Some(uid) != identity(live)) {
        return Err(changed(format!(
            "Operation cannot be fulfilled on {} {:?}: the object has been modified; please apply your changes to the \
             latest version and try again",
            key.kind.plural(),
            key.name
        )));
    }
    let status = live.get("status").cloned();
    update(world, key, manager, |live| {
        *live = object.clone();
        json::set(live, &["apiVersion"], json!(key.kind.api_version()));
        json::set(live, &["kind"], json!(key.kind.as_str()));
        // The status is the cluster's own.
        json::set(live, &["status"], status.unwrap_or_default());
    })
}

/// Deletes an object if it is the one that is meant. Answers whether there was one.
pub(crate) fn delete(world: &mut World, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
    let Some(live) = world.store.get(key) else { return Ok(false) };
    let found = text(live, "/metadata/uid").unwrap_or_default();
    if found != uid {
        let message = format!("the UID in the precondition ({uid}) does not match the UID in record ({found})");
        return Err(ClusterError::Changed { object: key.clone(), message });
    }
    world.delete(key);
    Ok(true)
}

/// The last steps of every write: defaults, rules, and keeping what is different.
fn commit(
    world: &mut World,
    key: &ObjectKey,
    live: Option<&Value>,
    mut new: Value,
    effect: Effect,
) -> Result<Value, ClusterError> {
    let serial = world.serial;
    match live {
        None => {
            json::set(&mut new, &["metadata", "namespace"], json!(key.namespace));
            prepare(world, key.kind, &mut new);
            world.identify(key.kind, &mut new);
        }
        Some(live) => {
            let kept = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation"];
            for field in kept {
                json::set(&mut new, &["metadata", field], live["metadata"][field].clone());
            }
        }
    }
    plain_data(&mut new);
    defaults::normalize(&mut new);
    defaults::fill(key.kind, &mut new);

    let mut problems = validate::object(key.kind, &new);
    if let Some(live) = live {
        immutable::check(key.kind, live, &new, &mut problems);
    }
    refuse(key, problems)?;
    if let Some(live) = live {
        check_growth(world, key, live, &new)?;
        if without_times(live) == without_times(&new) {
            return Ok(live.clone());
        }
        // A Deployment is looked at anew when its annotations change, too.
        if key.kind == Kind::Deployment
            && live["metadata"].get("annotations") != new["metadata"].get("annotations")
            && live.get("spec") == new.get("spec")
        {
            let generation = json::number(live, "/metadata/generation").unwrap_or_default() + 1;
            json::set(&mut new, &["metadata", "generation"], json!(generation));
        }
    }
    if effect == Effect::Tried {
        // What would be made has a UID that will not be used.
        json::set(
            &mut new,
            &["metadata", "uid"],
            match live {
                Some(live) => live["metadata"]["uid"].clone(),
                None => json!(naming::uid(u64::MAX - world.serial)),
            },
        );
        count_generation(key.kind, live, &mut new);
        world.serial = serial;
        return Ok(new);
    }
    Ok(world.keep(key, live, new))
}

fn refuse(key: &ObjectKey, problems: Problems) -> Result<(), ClusterError> {
    match problems.message(key.kind, &key.name) {
        None => Ok(()),
        Some(message) => Err(ClusterError::Invalid { object: key.clone(), message }),
    }
}

fn check_namespace(world: &World, key: &ObjectKey) -> Result<(), ClusterError> {
    let Some(namespace) = &key.namespace else { return Ok(()) };
    let unavailable = |message| Err(ClusterError::NamespaceUnavailable { object: key.clone(), message });
    match world.store.get(&ObjectKey::new(Kind::Namespace, "", namespace)) {
        None => unavailable(format!("namespaces {namespace:?} not found")),
        Some(found) if text(found, "/metadata/deletionTimestamp").is_some() => unavailable(format!(
            "{} {:?} is forbidden: unable to create new content in namespace {namespace} because it is being \
             terminated",
            key.kind.plural(),
            key.name
        )),
        Some(_) => Ok(()),
    }
}

/// What admission does to a new object.
fn prepare(world: &World, kind: Kind, object: &mut Value) {
    if kind == Kind::PersistentVolumeClaim && object.pointer("/spec/storageClassName").is_none() {
        let default = world.store.list(Kind::StorageClass, None).find(|(_, class)| {
            json::texts(class, "/metadata/annotations").any(|mark| mark == (seed::DEFAULT_CLASS, "true"))
        });
        if let Some((class, _)) = default {
            json::set(object, &["spec", "storageClassName"], json!(class.name));
        }
    }
}

/// A bound claim grows only where its class can.
fn check_growth(world: &World, key: &ObjectKey, old: &Value, new: &Value) -> Result<(), ClusterError> {
    let request = "/spec/resources/requests/storage";
    if key.kind != Kind::PersistentVolumeClaim || text(old, request) == text(new, request) {
        return Ok(());
    }
    let class = text(new, "/spec/storageClassName").unwrap_or_default();
    let grows = world
        .store
        .get(&ObjectKey::new(Kind::StorageClass, "", class))
        .is_some_and(|class| class.get("allowVolumeExpansion") == Some(&Value::Bool(true)));
    if grows {
        return Ok(());
    }
    Err(ClusterError::Forbidden {
        object: key.to_string(),
        message: format!(
            "persistentvolumeclaims {:?} is forbidden: only dynamically provisioned pvc can be resized and the \
             storageclass that provisions the pvc must support resize",
            key.name
        ),
    })
}

/// Turns the plain texts of a Secret into its data.
fn plain_data(object: &mut Value) {
    let Some(Value::Object(plain)) = json::remove(object, &["stringData"]) else { return };
    for (name, value) in plain {
        let bytes = value.as_str().unwrap_or_default().as_bytes().to_vec();
        json::set(object, &["data", &name], json!(ByteString(bytes)));
    }
}

/// An object without the times at which its owners wrote.
fn without_times(object: &Value) -> Value {
    let mut object = object.clone();
    for entry in json::items_mut(&mut object, "/metadata/managedFields") {
        json::remove(entry, &["time"]);
    }
    object
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// The server's words for an object that is not there.
pub(crate) fn not_found(key: &ObjectKey) -> String {
    format!("{} {:?} not found", key.kind.plural(), key.name)
}
