//! The objects, the version counter, and what changed lately.

use std::collections::{BTreeMap, VecDeque};

use cht_manifests::{Kind, ObjectKey};
use serde_json::{Value, json};

use super::json::{self, text};
use crate::{LiveObject, WatchEvent};

/// How many changes a watch can go back by default.
pub(crate) const HISTORY: usize = 2_000;

/// One change of one object.
#[derive(Debug, Clone)]
struct Change {
    version: u64,
    key: ObjectKey,
    /// The object as it was afterwards, or as it was last.
    object: Value,
    gone: bool,
}

/// The objects of the cluster.
#[derive(Debug)]
pub(crate) struct Store {
    objects: BTreeMap<ObjectKey, Value>,
    version: u64,
    history: VecDeque<Change>,
    /// The version before the first change that is kept.
    forgotten: u64,
    keep: usize,
}

/// A watch asks for changes that are not kept any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Forgotten;

impl Store {
    /// A store with these objects at this version.
    pub(crate) fn new(objects: BTreeMap<ObjectKey, Value>, version: u64) -> Self {
        Self { objects, version, history: VecDeque::new(), forgotten: version, keep: HISTORY }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn get(&self, key: &ObjectKey) -> Option<&Value> {
        self.objects.get(key)
    }

    pub(crate) fn objects(&self) -> &BTreeMap<ObjectKey, Value> {
        &self.objects
    }

    /// The objects of a kind, in one namespace or everywhere.
    pub(crate) fn list<'a>(
        &'a self,
        kind: Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Value)> {
        let first = ObjectKey { kind, namespace: None, name: String::new() };
        self.objects
            .range(first..)
            .take_while(move |(key, _)| key.kind == kind)
            .filter(move |(key, _)| namespace.is_none_or(|wanted| key.namespace.as_deref() == Some(wanted)))
    }

    /// Keeps an object under a new version, which it gets, and answers with it.
    pub(crate) fn put(&mut self, key: &ObjectKey, mut object: Value) -> Value {
        self.version += 1;
        json::set(&mut object, &["metadata", "resourceVersion"], json!(self.version.to_string()));
        self.objects.insert(key.clone(), object.clone());
        self.remember(key, object.clone(), false);
        object
    }

    /// Removes an object, and answers with its last state.
    pub(crate) fn take(&mut self, key: &ObjectKey) -> Option<Value> {
        let mut object = self.objects.remove(key)?;
        self.version += 1;
        json::set(&mut object, &["metadata", "resourceVersion"], json!(self.version.to_string()));
        self.remember(key, object.clone(), true);
        Some(object)
    }

    fn remember(&mut self, key: &ObjectKey, object: Value, gone: bool) {
        self.history.push_back(Change { version: self.version, key: key.clone(), object, gone });
        while self.history.len() > self.keep {
            if let Some(change) = self.history.pop_front() {
                self.forgotten = change.version;
            }
        }
    }

    /// Keeps at most this many changes for watches.
    pub(crate) fn keep(&mut self, changes: usize) {
        self.keep = changes;
        while self.history.len() > changes {
            if let Some(change) = self.history.pop_front() {
                self.forgotten = change.version;
            }
        }
    }

    /// The first change after `since` of a kind in a namespace, with its version.
    pub(crate) fn next(&self, kind: Kind, namespace: &str, since: u64) -> Result<Option<(u64, WatchEvent)>, Forgotten> {
        if since < self.forgotten {
            return Err(Forgotten);
        }
        let start = self.history.partition_point(|change| change.version <= since);
        Ok(self
            .history
            .range(start..)
            .find(|change| {
                change.key.kind == kind && (!kind.is_namespaced() || change.key.namespace.as_deref() == Some(namespace))
            })
            .map(|change| {
                let object = LiveObject::new(kind, change.object.clone());
                let event = if change.gone { WatchEvent::Deleted(object) } else { WatchEvent::Changed(object) };
                (change.version, event)
            }))
    }
}

/// The key of an object of this kind.
pub(crate) fn key_of(kind: Kind, object: &Value) -> ObjectKey {
    ObjectKey::new(
        kind,
        text(object, "/metadata/namespace").unwrap_or_default(),
        text(object, "/metadata/name").unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ObjectKey {
        ObjectKey::new(Kind::ConfigMap, "ns", name)
    }

    fn store() -> Store {
        Store::new(BTreeMap::new(), 0)
    }

    #[test]
    fn every_write_has_a_version_of_its_own() {
        let mut store = store();
        let first = store.put(&key("a"), json!({"data": {}}));
        let second = store.put(&key("a"), json!({"data": {"x": "y"}}));
        assert_eq!(text(&first, "/metadata/resourceVersion"), Some("1"));
        assert_eq!(text(&second, "/metadata/resourceVersion"), Some("2"));
        let last = store.take(&key("a")).unwrap();
        assert_eq!(text(&last, "/metadata/resourceVersion"), Some("3"));
        assert_eq!(store.take(&key("a")), None);
    }

    #[test]
    fn changes_are_found_by_version_kind_and_namespace() {
        let mut store = store();
        store.put(&key("a"), json!({"metadata": {"name": "a"}}));
        store.put(&ObjectKey::new(Kind::Secret, "ns", "b"), json!({}));
        store.put(&ObjectKey::new(Kind::ConfigMap, "other", "c"), json!({}));
        store.take(&key("a"));
        let (version, event) = store.next(Kind::ConfigMap, "ns", 0).unwrap().unwrap();
        assert!(version == 1 && matches!(event, WatchEvent::Changed(object) if object.name() == "a"));
        let (version, event) = store.next(Kind::ConfigMap, "ns", 1).unwrap().unwrap();
        assert!(version == 4 && matches!(event, WatchEvent::Deleted(object) if object.name() == "a"));
        assert_eq!(store.next(Kind::ConfigMap, "ns", 4), Ok(None));
    }

    #[test]
    fn what_is_not_kept_is_forgotten() {
        let mut store = store();
        for _ in 0..5 {
            store.put(&key("a"), json!({}));
        }
        store.keep(2);
        assert_eq!(store.next(Kind::ConfigMap, "ns", 2), Err(Forgotten));
        assert_eq!(store.next(Kind::ConfigMap, "ns", 3).unwrap().unwrap().0, 4);
    }

    #[test]
    fn a_list_has_one_kind_and_if_asked_one_namespace() {
        let mut store = store();
        store.put(&key("a"), json!({}));
        store.put(&ObjectKey::new(Kind::ConfigMap, "other", "b"), json!({}));
        store.put(&ObjectKey::new(Kind::Secret, "ns", "c"), json!({}));
        assert_eq!(store.list(Kind::ConfigMap, None).count(), 2);
        assert_eq!(store.list(Kind::ConfigMap, Some("ns")).count(), 1);
    }
}
