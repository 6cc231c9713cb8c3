//! Sets of fields, and their form in `metadata.managedFields` (`FieldsV1`).
//!
//! A path is a list of elements as `FieldsV1` writes them: `f:spec` is a field, `k:{"name":"api"}` the item of a list
//! with that key, `v:"x"` an item of a set. A set is a tree of them; `.` marks an inner node that is itself a member.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

/// A set of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    /// Whether the path that leads here is a member.
    pub(crate) member: bool,
    /// The paths that go on from here.
    pub(crate) children: BTreeMap<String, FieldSet>,
}

impl FieldSet {
    /// The node that an element leads to, made where it is missing.
    pub(crate) fn child(&mut self, element: &str) -> &mut FieldSet {
        self.children.entry(element.to_owned()).or_default()
    }

    /// Adds a path.
    pub(crate) fn insert(&mut self, path: &[String]) {
        let mut node = self;
        for element in path {
            node = node.child(element);
        }
        node.member = true;
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.member && self.children.values().all(FieldSet::is_empty)
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        union.member |= other.member;
        for (element, theirs) in &other.children {
            let child = union.child(element);
            *child = child.union(theirs);
        }
        union
    }

    pub(crate) fn difference(&self, other: &Self) -> Self {
        self.combine(other, |ours, theirs| ours && !theirs)
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |ours, theirs| ours && theirs)
    }

    /// The members for which `keep` says so; elements that `other` does not have count as not in it.
    fn combine(&self, other: &Self, keep: fn(bool, bool) -> bool) -> Self {
        let nothing = Self::default();
        let children = self
            .children
            .iter()
            .map(|(element, ours)| {
                (element.clone(), ours.combine(other.children.get(element).unwrap_or(&nothing), keep))
            })
            .filter(|(_, child)| !child.is_empty())
            .collect();
        Self { member: keep(self.member, other.member), children }
    }

    /// Removes a path and everything below it.
    pub(crate) fn cut(&mut self, path: &[&str]) {
        match path {
            [] => {}
            [last] => {
                self.children.remove(*last);
            }
            [first, rest @ ..] => {
                if let Some(child) = self.children.get_mut(*first) {
                    child.cut(rest);
                    if child.is_empty() {
                        self.children.remove(*first);
                    }
                }
            }
        }
    }

    /// Every member as people read it: `.spec.containers[name="api"].image`.
    pub(crate) fn readable(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(&self, so_far: &str, paths: &mut Vec<String>) {
        if self.member {
            paths.push(so_far.to_owned());
        }
        for (element, child) in &self.children {
            child.collect(&format!("{so_far}{}", readable(element)), paths);
        }
    }

    /// The set as `fieldsV1` has it.
    pub(crate) fn to_json(&self) -> Value {
        let mut map = Map::new();
        if self.member && !self.children.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (element, child) in &self.children {
            map.insert(element.clone(), child.to_json());
        }
        Value::Object(map)
    }

    /// The set from `fieldsV1`.
    pub(crate) fn from_json(json: &Value) -> Self {
        let mut root = Self::node_from_json(json);
        root.member = false;
        root
    }

    fn node_from_json(json: &Value) -> Self {
        let Some(map) = json.as_object() else { return Self { member: true, ..Self::default() } };
        Self {
            member: map.is_empty() || map.contains_key("."),
            children: map
                .iter()
                .filter(|(element, _)| element.as_str() != ".")
                .map(|(element, child)| (element.clone(), Self::node_from_json(child)))
                .collect(),
        }
    }
}

/// The element of a field.
pub(crate) fn field(name: &str) -> String {
    format!("f:{name}")
}

/// One element as a reader knows it from error messages of the server.
fn readable(element: &str) -> String {
    let (sort, rest) = element.split_at(element.len().min(2));
    match (sort, serde_json::from_str::<Value>(rest)) {
        ("k:", Ok(Value::Object(keys))) => {
            let mut text = String::from("[");
            for (number, (name, value)) in keys.iter().enumerate() {
                let comma = if number == 0 { "" } else { "," };
                // Writing to a String cannot fail.
                let _ = write!(text, "{comma}{name}={value}");
            }
            text + "]"
        }
        ("v:", Ok(value)) => format!("[={value}]"),
        _ => format!(".{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(json: &Value) -> FieldSet {
        FieldSet::from_json(json)
    }

    #[test]
    fn is_written_as_a_server_writes_it() {
        let text = json!({
            "f:spec": {
                "f:containers": {"k:{\"name\":\"api\"}": {".": {}, "f:image": {}, "f:name": {}}},
                "f:replicas": {},
            },
            "f:metadata": {"f:finalizers": {"v:\"x.y/z\"": {}}},
        });
        let fields = set(&text);
        assert_eq!(fields.to_json(), text);
        assert_eq!(
            fields.readable(),
            [
                ".metadata.finalizers[=\"x.y/z\"]",
                ".spec.containers[name=\"api\"]",
                ".spec.containers[name=\"api\"].image",
                ".spec.containers[name=\"api\"].name",
                ".spec.replicas",
            ]
        );
    }

    #[test]
    fn keys_of_two_fields_are_read_as_such() {
        let fields = set(&json!({"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {}}}));
        assert_eq!(fields.readable(), [".ports[port=80,protocol=\"TCP\"]"]);
    }

    #[test]
    fn union_difference_and_intersection_are_those_of_sets() {
        let a = set(&json!({"f:a": {}, "f:b": {"f:c": {}}}));
        let b = set(&json!({"f:b": {"f:c": {}, "f:d": {}}}));
        assert_eq!(a.union(&b).readable(), [".a", ".b.c", ".b.d"]);
        assert_eq!(a.difference(&b).readable(), [".a"]);
        assert_eq!(a.intersection(&b).readable(), [".b.c"]);
        assert!(a.difference(&a).is_empty());
        assert_eq!(a.difference(&a), FieldSet::default());
    }

    #[test]
    fn a_cut_leaves_no_empty_branches() {
        let mut fields = set(&json!({"f:metadata": {"f:name": {}}, "f:data": {}}));
        fields.cut(&["f:metadata", "f:name"]);
        assert_eq!(fields.to_json(), json!({"f:data": {}}));
    }
}
