//! What either profile is: the charts' objects, and what production adds to them.

use std::collections::BTreeSet;

use cht_manifests::{Object, manifests};
use serde_json::{Value, json};

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
fn production_adds_to_the_charts_and_changes_little_of_theirs() {
    for case in Case::all() {
        for line in added(case).iter().filter(|line| !line.ends_with(" added")) {
            let is_grace = line.ends_with(".terminationGracePeriodSeconds changed from 0 to 30");
            let is_jobs_image = line.starts_with("Job/") && line.contains(".image changed from \"busybox\" to ");
            assert!(is_grace && case.version != Version::V4 || is_jobs_image, "{case}: {line}");
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

/// The containers of everything that an instance runs, its Jobs' too.
fn all_containers(rendered: &Rendered) -> Vec<&Value> {
    let templates = ["Deployment", "Job"].into_iter().flat_map(|kind| rendered.all(kind));
    templates.flat_map(|object| containers(&object["spec"]["template"])).collect()
}

#[test]
fn every_program_in_production_has_its_share_and_an_end() {
    for case in Case::all() {
        for container in all_containers(&in_profile(case, "production")) {
            let (name, resources) = (&container["name"], &container["resources"]);
            for given in ["/requests/cpu", "/requests/memory", "/limits/memory"] {
                assert!(resources.pointer(given).is_some_and(Value::is_string), "{case}: {name}: {given}");
            }
            assert!(resources["limits"]["cpu"].is_null(), "{case}: {name}");
        }
        for container in all_containers(&in_profile(case, "chart")) {
            assert!(container["resources"].is_null(), "{case}: {}", container["name"]);
        }
    }
}

#[test]
fn each_program_has_what_the_values_say() {
    let case = Case { version: Version::V53, on: On::Eks, nodes: Nodes::Three, data: Data::New };
    let sections = ["couchdb", "nouveau", "haproxy", "healthcheck", "api", "sentinel"];
    let said: Vec<_> = sections
        .iter()
        .zip(1..)
        .flat_map(|(section, number)| {
            [
                format!("{section}.resources.limits.cpu={number}"),
                format!("{section}.resources.limits.memory={number}00Gi"),
            ]
        })
        .collect();
    let said: Vec<_> =
        said.iter().map(String::as_str).chain(["size=large", "api.resources.requests.cpu=0.25"]).collect();
    let rendered = Rendered::of(&manifests(&case.instance_with(&said)));
    let shown = all_containers(&rendered)
        .into_iter()
        .map(|container| (container["name"].as_str().expect("a name").to_owned(), container["resources"].clone()));
    insta::assert_yaml_snapshot!(shown.collect::<std::collections::BTreeMap<_, _>>());
}

#[test]
fn every_pod_has_what_the_values_name_for_it() {
    for case in Case::all() {
        let named = ["priority_class=high", "image_pull_secret=registry"];
        let rendered = Rendered::of(&manifests(&case.instance_with(&named)));
        for (owner, template) in rendered.templates() {
            assert_eq!(template["spec"]["priorityClassName"], "high", "{case}: {owner}");
            assert_eq!(template["spec"]["imagePullSecrets"], json!([{ "name": "registry" }]), "{case}: {owner}");
        }
        let in_chart = named.into_iter().chain(["profile=chart"]).collect::<Vec<_>>();
        assert_eq!(Rendered::of(&manifests(&case.instance_with(&in_chart))).0, in_profile(case, "chart").0, "{case}");
    }
}

#[test]
fn a_cluster_loses_one_couchdb_node_at_a_time() {
    for case in Case::all() {
        let rendered = in_profile(case, "production");
        let budgets = rendered.all("PodDisruptionBudget");
        assert_eq!(budgets.len(), usize::from(case.nodes == Nodes::Three), "{case}");
        for budget in budgets {
            let selected = &budget["spec"]["selector"]["matchExpressions"][0];
            assert_eq!((&selected["key"], &selected["operator"]), (&json!("cht.service"), &json!("In")), "{case}");
            let couchdbs = rendered
                .all("Deployment")
                .into_iter()
                .map(|one| &one["spec"]["selector"]["matchLabels"]["cht.service"]);
            let couchdbs: Vec<_> =
                couchdbs.filter(|one| one.as_str().is_some_and(|name| name.starts_with("couchdb"))).collect();
            assert_eq!(selected["values"].as_array().expect("values").iter().collect::<Vec<_>>(), couchdbs, "{case}");
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
