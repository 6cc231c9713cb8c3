//! What either profile is: the charts' objects, and what production adds to them.

use std::collections::BTreeSet;

use cht_manifests::{Object, manifests};
use serde_json::Value;

use crate::cases::{Case, Data, Nodes, On, Version};
use crate::rendered::{Rendered, containers};

fn in_profile(case: Case, profile: &str) -> Rendered {
    Rendered::of(&manifests(&case.instance_with(&[&format!("profile={profile}")])))
}

/// The paths of the leaves that the second has and the first has not, or has otherwise.
fn differences(place: &str, first: &Value, second: &Value, found: &mut BTreeSet<String>) {
    match (first, second) {
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys()) {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                differences(&format!("{place}.{key}"), &of(old), &of(new), found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                differences(&format!("{place}[{index}]"), old, new, found);
            }
        }
        (Value::Null, new) => drop((!new.is_null()).then(|| found.insert(format!("{place} added")))),
        (old, new) => drop((old != new).then(|| found.insert(format!("{place} changed from {old} to {new}")))),
    }
}

fn added(case: Case) -> BTreeSet<String> {
    let (chart, production) = (in_profile(case, "chart"), in_profile(case, "production"));
    let new = production.0.keys().filter(|key| !chart.0.contains_key(key));
    let mut found: BTreeSet<_> = new.map(|(kind, name)| format!("{kind}/{name} added")).collect();
    for ((kind, name), object) in &chart.0 {
        differences(&format!("{kind}/{name}"), object, production.get(kind, &name.as_str().into()), &mut found);
    }
    found
}

#[test]
fn production_adds_to_the_charts_and_changes_when_requests_are_cut_off() {
    for case in Case::all() {
        for line in added(case).iter().filter(|line| !line.ends_with(" added")) {
            let is_grace = line.ends_with(".terminationGracePeriodSeconds changed from 0 to 30");
            assert!(is_grace && case.version != Version::V4, "{case}: {line}");
        }
    }
}

#[test]
fn what_production_adds() {
    for version in [Version::V4, Version::V53] {
        let case = Case { version, on: On::K3s, nodes: Nodes::Three, data: Data::New };
        insta::assert_yaml_snapshot!(format!("what_production_adds_{version:?}"), added(case));
    }
}

#[test]
fn what_is_like_the_charts_gets_no_checksum_later_either() {
    for case in Case::all() {
        let rendered = manifests(&case.instance_with(&["profile=chart"]));
        let secret = rendered.iter().find_map(|manifest| match &manifest.object {
            Object::Secret(secret) => Some((**secret).clone()),
            _ => None,
        });
        assert_eq!(rendered.clone().with_checksum_of(&secret.expect("credentials")), rendered, "{case}");
    }
}

#[test]
fn couchdb_has_a_minute_to_stop_in_either_profile() {
    for case in Case::all() {
        for profile in ["chart", "production"] {
            let rendered = in_profile(case, profile);
            let couchdbs = rendered.all("Deployment").into_iter().filter(|deployment| {
                let service = deployment["metadata"]["labels"]["cht.service"].as_str().unwrap_or_default();
                service.starts_with("couchdb")
            });
            for couchdb in couchdbs {
                assert_eq!(couchdb["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], 60, "{case}");
            }
        }
    }
}

#[test]
fn every_program_in_production_is_probed_and_cannot_become_more_than_it_is() {
    for case in Case::all() {
        for deployment in in_profile(case, "production").all("Deployment") {
            for container in containers(&deployment["spec"]["template"]) {
                let name = &container["name"];
                assert!(container["readinessProbe"].is_object(), "{case}: {name}");
                assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false, "{case}: {name}");
                // What has no port ends by itself when it cannot go on.
                assert_eq!(container["livenessProbe"].is_object(), container["ports"].is_array(), "{case}: {name}");
            }
        }
    }
}

#[test]
fn probes_ask_where_the_programs_listen() {
    for case in Case::all() {
        let rendered = Rendered::of(&manifests(&case.instance_with(&["api.port=6000", "haproxy.port=6001"])));
        for deployment in rendered.all("Deployment") {
            for container in containers(&deployment["spec"]["template"]) {
                let ports: Vec<_> = container["ports"].as_array().into_iter().flatten().collect();
                for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                    for way in ["tcpSocket", "httpGet"] {
                        let asked = &container[probe][way]["port"];
                        let is_open = ports.iter().any(|port| port["containerPort"] == *asked);
                        assert!(asked.is_null() || is_open, "{case}: {} {probe}", container["name"]);
                    }
                }
            }
        }
    }
}
