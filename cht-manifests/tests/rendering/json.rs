//! The JSON form of manifests, which records keep.

use cht_manifests::{Component, Manifests};

use crate::cases::Case;

#[test]
fn manifests_are_the_same_after_a_round_through_json() {
    for case in Case::all() {
        let manifests = case.render();
        let text = serde_json::to_string(&manifests).expect("manifests have a JSON form");
        let read: Manifests = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(read == manifests, "{case}");
    }
}

#[test]
fn components_have_one_name_each() {
    for name in ["instance", "couchdb", "couchdb-1", "couchdb-255", "haproxy", "healthcheck", "api", "sentinel"] {
        assert_eq!(name.parse::<Component>().map(|component| component.to_string()).as_deref(), Ok(name));
    }
    for bad in ["", "couchdb-", "couchdb-01", "couchdb-256", "couchdb--1", "API", "cht-api"] {
        assert!(bad.parse::<Component>().is_err(), "{bad}");
    }
}

#[test]
fn an_object_of_another_kind_is_refused() {
    let pod =
        r#"[{"stage": "api", "component": "api", "needed": "always", "object": {"kind": "Pod", "metadata": {}}}]"#;
    let error = serde_json::from_str::<Manifests>(pod).expect_err("no kind of ours");
    assert!(error.to_string().contains("Pod"), "{error}");
}
