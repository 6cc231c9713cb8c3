//! Merging, pruning and comparing objects field by field, as the API server does for server-side apply.

use serde_json::{Map, Value};

use super::fields::{FieldSet, field};
use super::schema::{self, Type};

/// `live` with every field of `wanted`.
pub(crate) fn merge(live: &Value, wanted: &Value, of_type: &Type) -> Value {
    match (of_type, live, wanted) {
        (Type::Plain(_), Value::Object(ours), Value::Object(theirs)) => {
            let mut merged = ours.clone();
            for (name, value) in theirs {
                let live = merged.get(name).cloned().unwrap_or(Value::Null);
                merged.insert(name.clone(), merge(&live, value, of_type.field(name)));
            }
            Value::Object(merged)
        }
        (Type::Keyed(_, item_type), Value::Array(ours), Value::Array(theirs)) => {
            let find = |list: &[Value], element: &str| {
                list.iter().find(|item| element_of(of_type, item).is_some_and(|found| found == element)).cloned()
            };
            let mut merged = Vec::new();
            for item in ours {
                let wanted = element_of(of_type, item).and_then(|element| find(theirs, &element));
                merged.push(wanted.map_or_else(|| item.clone(), |wanted| merge(item, &wanted, item_type)));
            }
            for item in theirs {
                if element_of(of_type, item).is_none_or(|element| find(ours, &element).is_none()) {
                    merged.push(item.clone());
                }
            }
            Value::Array(merged)
        }
        (Type::Set, Value::Array(ours), Value::Array(theirs)) => {
            let new = theirs.iter().filter(|item| !ours.contains(item));
            Value::Array(ours.iter().chain(new).cloned().collect())
        }
        _ => wanted.clone(),
    }
}

/// Every field that an applied object sets.
pub(crate) fn fields_of(value: &Value, of_type: &Type) -> FieldSet {
    let mut fields = FieldSet::default();
    collect(value, of_type, &mut fields);
    fields
}

fn collect(value: &Value, of_type: &Type, node: &mut FieldSet) {
    match (of_type, value) {
        (Type::Plain(_), Value::Object(map)) => {
            for (name, value) in map {
                // An empty map sets no field, and must not leave a node behind.
                let mut child = FieldSet::default();
                collect(value, of_type.field(name), &mut child);
                if !child.is_empty() {
                    node.children.insert(field(name), child);
                }
            }
        }
        (Type::Keyed(_, item_type), Value::Array(items)) => {
            for item in items {
                if let Some(element) = element_of(of_type, item) {
                    let child = node.child(&element);
                    child.member = true;
                    collect(item, item_type, child);
                }
            }
        }
        (Type::Set, Value::Array(items)) => {
            for item in items {
                node.child(&schema::set_element(item)).member = true;
            }
        }
        (_, Value::Null) => {}
        _ => node.member = true,
    }
}

/// The value without the fields of a set; nothing where no field is left. A map that loses its last field inside another
/// leaves a null there, so that the other one stays: that is how the server does it.
pub(crate) fn without(value: &Value, fields: &FieldSet, of_type: &Type) -> Option<Value> {
    let below = |element: Option<String>| element.and_then(|element| fields.children.get(&element));
    match (of_type, value) {
        (Type::Plain(_), Value::Object(map)) => {
            let kept: Map<_, _> = map
                .iter()
                .filter_map(|(name, value)| match below(Some(field(name))) {
                    Some(node) if node.member => None,
                    Some(node) => Some((name, without(value, node, of_type.field(name)).unwrap_or_default())),
                    None => Some((name, value.clone())),
                })
                .map(|(name, value)| (name.clone(), value))
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        (Type::Keyed(..) | Type::Set, Value::Array(items)) => {
            let item_type = if let Type::Keyed(_, item_type) = of_type { item_type } else { &schema::PLAIN };
            let kept: Vec<_> = items
                .iter()
                .filter_map(|item| match below(element_of(of_type, item)) {
                    Some(node) if node.member => None,
                    Some(node) => without(item, node, item_type),
                    None => Some(item.clone()),
                })
                .collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        _ => Some(value.clone()),
    }
}

/// How two versions of an object differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Only the old one has these fields.
    pub(crate) removed: FieldSet,
    /// Only the new one has these, or has them with another value.
    pub(crate) changed: FieldSet,
}

/// Compares two versions of an object.
pub(crate) fn compare(old: &Value, new: &Value, of_type: &Type) -> Difference {
    let mut difference = Difference::default();
    walk(Some(old), Some(new), of_type, &mut Vec::new(), &mut difference);
    difference
}

/// Parts of an object that exist even when they are empty, so that filling them does not count as adding them.
const ALWAYS_THERE: [&str; 5] = ["f:metadata", "f:spec", "f:status", "f:template", "f:strategy"];

fn walk(old: Option<&Value>, new: Option<&Value>, of_type: &Type, path: &mut Vec<String>, difference: &mut Difference) {
    let has_elements = |value: Option<&Value>| match (of_type, value) {
        (Type::Plain(_), Some(Value::Object(map))) => !map.is_empty(),
        (Type::Keyed(..) | Type::Set, Some(Value::Array(items))) => !items.is_empty(),
        _ => false,
    };
    let branches = match (old, new) {
        (Some(one), None) | (None, Some(one)) => has_elements(Some(one)),
        // Scalars, atomic values and two empty ones are compared as they are.
        (old, new) => {
            (has_elements(old) || has_elements(new))
                && old.map(std::mem::discriminant) == new.map(std::mem::discriminant)
        }
    };
    let nameless = path.last().is_none_or(|element| ALWAYS_THERE.contains(&element.as_str()));
    match (old, new) {
        (Some(_), None) if !(branches && nameless) => difference.removed.insert(path),
        (None, Some(_)) if !(branches && nameless) => difference.changed.insert(path),
        (Some(old), Some(new)) if !branches && old != new => difference.changed.insert(path),
        _ => {}
    }
    if !branches {
        return;
    }
    let mut elements: Vec<String> = Vec::new();
    for value in [old, new].into_iter().flatten() {
        match value {
            Value::Object(map) => elements.extend(map.keys().map(|name| field(name))),
            Value::Array(items) => elements.extend(items.iter().filter_map(|item| element_of(of_type, item))),
            _ => {}
        }
    }
    elements.sort_unstable();
    elements.dedup();
    for element in elements {
        let (old, new) = (at(old, of_type, &element), at(new, of_type, &element));
        let below = match of_type {
            Type::Plain(_) => of_type.field(element.trim_start_matches("f:")),
            Type::Keyed(_, item_type) => item_type,
            Type::Atomic | Type::Set => &schema::PLAIN,
        };
        path.push(element);
        walk(old, new, below, path, difference);
        path.pop();
    }
}

fn at<'a>(value: Option<&'a Value>, of_type: &Type, element: &str) -> Option<&'a Value> {
    let found = match value? {
        Value::Object(map) => map.get(element.trim_start_matches("f:")),
        Value::Array(items) => {
            items.iter().find(|item| element_of(of_type, item).is_some_and(|found| found == element))
        }
        _ => None,
    };
    found.filter(|value| !value.is_null())
}

fn element_of(of_type: &Type, item: &Value) -> Option<String> {
    match of_type {
        Type::Keyed(keys, _) => schema::item_element(keys, item).ok(),
        Type::Set => Some(schema::set_element(item)),
        Type::Plain(_) | Type::Atomic => None,
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;
    use serde_json::json;

    use super::*;

    fn pod(containers: &Value) -> Value {
        json!({"spec": {"containers": containers}})
    }

    #[test]
    fn list_items_merge_by_key_and_keep_their_place() {
        let live = pod(&json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1", "env": [{"name": "X"}]}]));
        let wanted = pod(&json!([{"name": "c"}, {"name": "b", "image": "2", "env": [{"name": "Y"}]}]));
        assert_eq!(
            merge(&live, &wanted, schema::of(Kind::Pod)),
            pod(&json!([
                {"name": "a", "image": "1"},
                {"name": "b", "image": "2", "env": [{"name": "X"}, {"name": "Y"}]},
                {"name": "c"},
            ]))
        );
    }

    #[test]
    fn lists_without_keys_and_selectors_are_replaced() {
        let live =
            json!({"spec": {"selector": {"matchLabels": {"a": "1"}}, "template": {"spec": {"tolerations": [1]}}}});
        let wanted =
            json!({"spec": {"selector": {"matchLabels": {"b": "1"}}, "template": {"spec": {"tolerations": [2]}}}});
        assert_eq!(merge(&live, &wanted, schema::of(Kind::Deployment)), wanted);
        assert_eq!(
            fields_of(&wanted, schema::of(Kind::Deployment)).to_json(),
            json!({"f:spec": {"f:selector": {}, "f:template": {"f:spec": {"f:tolerations": {}}}}})
        );
    }

    #[test]
    fn empty_maps_set_no_field_and_empty_lists_without_keys_do() {
        let wanted = json!({"spec": {"securityContext": {}, "tolerations": [], "volumes": [], "containers": [
            {"name": "a", "args": [], "env": [], "resources": {}},
        ]}});
        assert_eq!(
            fields_of(&wanted, schema::of(Kind::Pod)).to_json(),
            json!({"f:spec": {
                "f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:args": {}, "f:name": {}}},
                "f:tolerations": {},
            }})
        );
    }

    #[test]
    fn a_map_without_fields_goes_and_the_one_around_it_stays() {
        let value = json!({"metadata": {"labels": {"a": "1"}}, "data": {"x": "1", "y": "2"}});
        let fields = FieldSet::from_json(&json!({"f:metadata": {"f:labels": {"f:a": {}}}, "f:data": {"f:x": {}}}));
        assert_eq!(
            without(&value, &fields, schema::of(Kind::ConfigMap)),
            Some(json!({"metadata": {"labels": null}, "data": {"y": "2"}}))
        );
    }

    #[test]
    fn a_comparison_names_items_by_key() {
        let old = pod(&json!([{"name": "a", "image": "1"}, {"name": "b"}]));
        let new = pod(&json!([{"name": "a", "image": "2", "command": ["x"]}]));
        let difference = compare(&old, &new, schema::of(Kind::Pod));
        assert_eq!(
            difference.changed.readable(),
            [".spec.containers[name=\"a\"].command", ".spec.containers[name=\"a\"].image"]
        );
        assert_eq!(
            difference.removed.readable(),
            [".spec.containers[name=\"b\"]", ".spec.containers[name=\"b\"].name"]
        );
    }

    #[test]
    fn a_new_map_is_a_field_of_its_own_and_a_new_spec_is_not() {
        let new = json!({"spec": {"replicas": 1}, "metadata": {"labels": {"a": "b"}}});
        let difference = compare(&json!({}), &new, schema::of(Kind::Deployment));
        assert_eq!(
            difference.changed.to_json(),
            json!({"f:metadata": {"f:labels": {".": {}, "f:a": {}}}, "f:spec": {"f:replicas": {}}})
        );
    }

    #[test]
    fn equal_objects_do_not_differ() {
        let value = json!({"spec": {"a": {}, "b": [], "finalizers": ["x"]}, "metadata": {"finalizers": ["y"]}});
        assert_eq!(compare(&value, &value, schema::of(Kind::Pod)), Difference::default());
    }
}
