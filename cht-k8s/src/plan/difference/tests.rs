use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The value with the changes made, one after the other.
fn changed(mut value: Value, changes: &[Difference]) -> Value {
    for change in changes {
        change_at(&mut value, change.path.segments(), change.new.as_ref());
    }
    value
}

fn change_at(value: &mut Value, path: &[Segment], new: Option<&Value>) {
    let Some((step, rest)) = path.split_first() else {
        *value = new.cloned().expect("an object does not go away");
        return;
    };
    match (step, new) {
        (Segment::Field(name), None) if rest.is_empty() => {
            value.as_object_mut().expect("a map").remove(name).expect("was there");
        }
        (Segment::Field(name), _) => change_at(&mut value[name], rest, new),
        (Segment::Index(index), _) => change_at(&mut value[index], rest, new),
        (Segment::Item { names, at }, _) => {
            let items = value.as_array_mut().expect("a list");
            let found = items.iter().position(|item| names.iter().all(|(name, value)| item.get(*name) == Some(value)));
            match (found, new) {
                (Some(found), None) if rest.is_empty() => drop(items.remove(found)),
                (Some(found), _) => change_at(&mut items[found], rest, new),
                (None, new) => items.insert(*at, new.cloned().expect("a new item")),
            }
        }
    }
}

fn shown(old: &Value, new: &Value) -> Vec<String> {
    let text = |value: Option<Value>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let line = |found: Difference| format!("{}: {} {}", found.path, text(found.old), text(found.new));
    differences(old, new).into_iter().map(line).collect()
}

/// Values with few different names and texts, so that two of them have much in common.
fn values() -> impl Strategy<Value = Value> {
    let text = || prop::sample::select(vec!["a", "b", "c"]).prop_map(Value::from);
    let name = || prop::sample::select(vec!["name", "key", "port", "protocol", "image", "x/y.z", "env"]);
    let leaf = prop_oneof![text(), (0..3_i64).prop_map(Value::from), any::<bool>().prop_map(Value::from)];
    leaf.prop_recursive(4, 48, 5, move |inner| {
        let map = prop::collection::btree_map(name(), inner.clone(), 0..5);
        // Items that are told apart by their names, most of the time.
        let named = prop::collection::vec((text(), map.clone()), 0..5).prop_map(|items| {
            let item = |(name, rest): (Value, std::collections::BTreeMap<&str, Value>)| {
                let fields = rest.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.chain([("name".to_owned(), name)]).collect())
            };
            Value::from(items.into_iter().map(item).collect::<Vec<_>>())
        });
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            named,
            map.prop_map(|map| Value::Object(map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn the_changes_make_the_new_out_of_the_old(old in values(), new in values()) {
        prop_assert_eq!(changed(old.clone(), &differences(&old, &new)), new);
    }

    #[test]
    fn what_is_the_same_does_not_differ(value in values()) {
        prop_assert_eq!(differences(&value, &value), vec![]);
    }
}

#[test]
fn fields_are_named_as_kubernetes_names_them() {
    let of = |image: &str, port: u16, note: &str| {
        json!({
            "metadata": { "annotations": { "example.org/note": note } },
            "spec": { "containers": [{
                "name": "cht-api", "image": image, "ports": [{ "containerPort": port, "protocol": "TCP" }],
            }] },
        })
    };
    assert_eq!(
        shown(&of("api:1", 5988, "a"), &of("api:2", 5989, "b")),
        [
            r#".metadata.annotations["example.org/note"]: "a" "b""#,
            r#".spec.containers[name="cht-api"].image: "api:1" "api:2""#,
            r#".spec.containers[name="cht-api"].ports[containerPort=5988,protocol="TCP"]: {"containerPort":5988,"protocol":"TCP"} -"#,
            r#".spec.containers[name="cht-api"].ports[containerPort=5989,protocol="TCP"]: - {"containerPort":5989,"protocol":"TCP"}"#,
        ]
    );
}

#[test]
fn items_come_and_go_by_name() {
    let of = |names: &[&str]| json!({ "env": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() });
    let (old, new) = (of(&["A", "B", "C"]), of(&["B", "D", "C"]));
    assert_eq!(shown(&old, &new), [r#".env[name="A"]: {"name":"A"} -"#, r#".env[name="D"]: - {"name":"D"}"#]);
    assert_eq!(changed(old, &differences(&of(&["A", "B", "C"]), &new)), new);
}

#[test]
fn items_in_another_order_are_another_list() {
    let (old, new) =
        (json!({ "env": [{ "name": "A" }, { "name": "B" }] }), json!({ "env": [{ "name": "B" }, { "name": "A" }] }));
    assert_eq!(shown(&old, &new).len(), 2, "each place holds another item");
    assert_eq!(changed(old.clone(), &differences(&old, &new)), new);
}

#[test]
fn lists_without_names_differ_place_by_place_or_as_a_whole() {
    let of = |backends: &[&str]| json!({ "paths": backends.iter().map(|name| json!({ "backend": { "name": name } })).collect::<Vec<_>>() });
    assert_eq!(shown(&of(&["a"]), &of(&["b"])), [r#".paths[0].backend.name: "a" "b""#]);
    assert_eq!(
        shown(&of(&["a"]), &of(&["a", "b"])),
        [r#".paths: [{"backend":{"name":"a"}}] [{"backend":{"name":"a"}},{"backend":{"name":"b"}}]"#]
    );
    assert_eq!(shown(&json!({ "args": ["a"] }), &json!({ "args": ["b"] })), [r#".args: ["a"] ["b"]"#]);
}
