//! The Event objects that controllers, the scheduler and kubelets write.

use cht_manifests::{Kind, ObjectKey};
use serde_json::json;

use super::json::{self, number, text};
use super::naming;
use super::world::World;

/// Who writes an event, and how grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Normal,
    Warning,
}

/// One thing that is reported.
#[derive(Debug, Clone)]
pub(crate) struct Report<'a> {
    pub(crate) sort: Sort,
    pub(crate) component: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) message: String,
    /// The container, where it is about one.
    pub(crate) container: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(crate) fn normal(component: &'a str, reason: &'a str, message: impl Into<String>) -> Self {
        Self { sort: Sort::Normal, component, reason, message: message.into(), container: None }
    }

    pub(crate) fn warning(component: &'a str, reason: &'a str, message: impl Into<String>) -> Self {
        Self { sort: Sort::Warning, ..Self::normal(component, reason, message) }
    }

    pub(crate) fn of(mut self, container: &'a str) -> Self {
        self.container = Some(container);
        self
    }
}

/// Writes an event about an object, or counts it once more when it was written before.
pub(crate) fn record(world: &mut World, key: &ObjectKey, report: &Report<'_>) {
    let Some(about) = world.store.get(key) else { return };
    let namespace = key.namespace.as_deref().unwrap_or("default").to_owned();
    let unwritable = world
        .store
        .get(&ObjectKey::new(Kind::Namespace, "", &namespace))
        .is_none_or(|namespace| text(namespace, "/metadata/deletionTimestamp").is_some());
    if unwritable {
        return;
    }
    let uid = text(about, "/metadata/uid").unwrap_or_default().to_owned();
    let mut involved = json!({
        "kind": key.kind.as_str(),
        "namespace": key.namespace,
        "name": key.name,
        "uid": uid,
        "apiVersion": key.kind.api_version(),
        "resourceVersion": about["metadata"]["resourceVersion"],
    });
    if let Some(container) = report.container {
        involved["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
    }
    let event = event_key(key, &uid, report);
    let (now, exact) = (world.stamp(), world.now.to_string());
    // The scheduler writes events in the newer form, which has no count and none of the old times.
    let is_new_form = report.component == "default-scheduler";
    if world.store.get(&event).is_some() {
        world.change(&event, report.component, |event| {
            if is_new_form {
                let count = number(event, "/series/count").unwrap_or(1) + 1;
                json::set(event, &["series"], json!({"count": count, "lastObservedTime": exact}));
            } else {
                let count = number(event, "/count").unwrap_or(1) + 1;
                json::set(event, &["count"], json!(count));
                json::set(event, &["lastTimestamp"], json!(now));
            }
        });
        return;
    }
    let mut object = json!({
        "metadata": {"name": event.name, "namespace": namespace},
        "involvedObject": involved,
        "type": match report.sort {
            Sort::Normal => "Normal",
            Sort::Warning => "Warning",
        },
        "reason": report.reason,
        "message": report.message,
    });
    if is_new_form {
        json::set(&mut object, &["eventTime"], json!(exact));
        json::set(&mut object, &["action"], json!("Scheduling"));
        json::set(&mut object, &["reportingComponent"], json!(report.component));
        json::set(&mut object, &["reportingInstance"], json!(report.component));
    } else {
        json::set(&mut object, &["source"], json!({"component": report.component}));
        json::set(&mut object, &["count"], json!(1));
        json::set(&mut object, &["firstTimestamp"], json!(now));
        json::set(&mut object, &["lastTimestamp"], json!(now));
    }
    world.create(Kind::Event, object, report.component);
}

/// Whether this was reported of an object before.
pub(crate) fn exists(world: &World, key: &ObjectKey, report: &Report<'_>) -> bool {
    let uid = world.store.get(key).and_then(|about| text(about, "/metadata/uid")).unwrap_or_default();
    world.store.get(&event_key(key, uid, report)).is_some()
}

fn event_key(about: &ObjectKey, uid: &str, report: &Report<'_>) -> ObjectKey {
    let content = format!("{} {} {:?}", report.reason, report.message, report.container);
    // The content first: names decide the order of what happens in one second, which is to be the same in each run.
    let name = format!("{}.{}{}", about.name, naming::letters(&content, 8), naming::letters(uid, 8));
    ObjectKey::new(Kind::Event, about.namespace.as_deref().unwrap_or("default"), &name)
}

/// All events about an object, as (reason, message, count), in order of their names.
#[cfg(test)]
pub(crate) fn about(world: &World, key: &ObjectKey) -> Vec<(String, String, i64)> {
    world
        .store
        .list(Kind::Event, key.namespace.as_deref())
        .filter(|(_, event)| text(event, "/involvedObject/name") == Some(key.name.as_str()))
        .map(|(_, event)| {
            let count = number(event, "/count").or_else(|| number(event, "/series/count")).unwrap_or(1);
            let text = |pointer| text(event, pointer).unwrap_or_default().to_owned();
            (text("/reason"), text("/message"), count)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_is_counted_and_another_written() {
        let mut world = World::new();
        let key = ObjectKey::new(Kind::ConfigMap, "default", "c");
        world.create(Kind::ConfigMap, json!({"metadata": {"name": "c", "namespace": "default"}}), "test");
        record(&mut world, &key, &Report::warning("kubelet", "Failed", "a"));
        record(&mut world, &key, &Report::warning("kubelet", "Failed", "a"));
        record(&mut world, &key, &Report::warning("default-scheduler", "Failed", "b"));
        record(&mut world, &key, &Report::warning("default-scheduler", "Failed", "b"));
        let mut events = about(&world, &key);
        events.sort();
        assert_eq!(events, [("Failed".into(), "a".into(), 2), ("Failed".into(), "b".into(), 2)]);
    }

    #[test]
    fn nothing_is_written_into_a_namespace_that_goes() {
        let mut world = World::new();
        let namespace = ObjectKey::new(Kind::Namespace, "", "default");
        let key = ObjectKey::new(Kind::ConfigMap, "default", "c");
        world.create(Kind::ConfigMap, json!({"metadata": {"name": "c", "namespace": "default"}}), "test");
        world.delete(&namespace);
        record(&mut world, &key, &Report::normal("kubelet", "Fine", "a"));
        assert!(about(&world, &key).is_empty());
    }
}
