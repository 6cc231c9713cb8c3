//! What a text counts as, for each kind of value.

use cht_model::{PullPolicy, Release, Topology};

use crate::fixture::{K3S, K3S_V4, check, instance, problems};

/// Where a text is wanted, it stays as it was written, whatever YAML would make of it.
#[test]
fn numbers_given_for_texts_stay_as_written() {
    for tag in ["0.32", "4.10", "0123", "1e5", "1_000", "true", "0x1f", "12345678901234567890123", "1.0"] {
        let written = instance(K3S_V4, &format!("upgrade_service:\n  tag: {tag}\n"));
        let quoted = instance(K3S_V4, &format!("upgrade_service:\n  tag: '{tag}'\n"));
        for instance in [written, quoted] {
            let Release::V4(v4) = instance.release() else { panic!("4.22.0 is of 4.x") };
            assert_eq!(v4.upgrade_service.as_str(), tag);
        }
    }
}

#[test]
fn booleans_are_those_of_yaml_1_2() {
    for (text, policy) in [
        ("true", PullPolicy::Cached),
        ("True", PullPolicy::Cached),
        ("TRUE", PullPolicy::Cached),
        ("false", PullPolicy::Always),
        ("False", PullPolicy::Always),
        ("FALSE", PullPolicy::Always),
        ("", PullPolicy::Cached),
        ("null", PullPolicy::Cached),
        ("~", PullPolicy::Cached),
        ("''", PullPolicy::Cached),
    ] {
        assert_eq!(instance(K3S, &format!("cache_images: {text}\n")).images().pull_policy, policy, "{text:?}");
    }
    for text in ["yes", "no", "on", "off", "y", "0", "1", "tRUE", "truee", "[true]", "{true: x}"] {
        let problems = problems(K3S, &format!("cache_images: {text}\n"));
        assert_eq!(problems.errors().count(), 1, "{text:?}: {problems}");
    }
}

#[test]
fn booleans_in_quotes_count_with_a_warning() {
    for (text, policy) in [("'true'", PullPolicy::Cached), ("\"false\"", PullPolicy::Always)] {
        let checked = check(K3S, &format!("cache_images: {text}\n"));
        assert_eq!(checked.value.images().pull_policy, policy);
        assert_eq!(checked.warnings.len(), 1, "{text}");
    }
}

#[test]
fn numbers_are_digits_within_their_range() {
    for (text, port) in [("1", 1), ("65535", 65535), ("'8080'", 8080), ("", 5984), ("05984", 5984)] {
        let instance = instance(K3S, &format!("haproxy:\n  port: {text}\n"));
        assert_eq!(instance.couchdb().haproxy_port.get(), port, "{text:?}");
    }
    for text in ["0", "65536", "-1", "+1", "1.0", "1e3", "0x10", "1_000", "http", "99999999999999999999", "[1]"] {
        let problems = problems(K3S, &format!("haproxy:\n  port: {text}\n"));
        assert_eq!(problems.errors().count(), 1, "{text:?}: {problems}");
    }
}

#[test]
fn a_cluster_has_from_1_to_99_nodes() {
    for (text, count) in [("1", 1), ("3", 3), ("99", 99), ("", 3)] {
        let more = format!("couchdb:\n  clusteredCouchEnabled: true\nclusteredCouch:\n  noOfCouchDBNodes: {text}\n");
        let instance = instance(K3S, &more);
        assert!(matches!(&instance.couchdb().topology, Topology::Clustered(nodes) if nodes.as_slice().len() == count));
    }
    for text in ["0", "100", "-3", "three", "3.0"] {
        let more = format!("couchdb:\n  clusteredCouchEnabled: true\nclusteredCouch:\n  noOfCouchDBNodes: {text}\n");
        assert_eq!(problems(K3S, &more).errors().count(), 1, "{text}");
    }
}

#[test]
fn block_texts_and_escapes_are_read_as_yaml_has_them() {
    let more = "project_name: >-\n  folded-\nnamespace: \"\\x63ounty\"\n";
    let problems = problems(K3S, more);
    assert_eq!(problems.errors().count(), 1, "{problems}");
    let instance = instance(K3S, "project_name: |-\n  literal\nnamespace: \"\\x63ounty\"\n");
    assert_eq!((instance.project().as_str(), instance.namespace().as_str()), ("literal", "county"));
}
