//! The objects of each component, on each release line: everything but storage and ingress, which depend on the
//! platform.

use cht_manifests::{Component, Kind, Stage, manifests};
use serde_json::Value;

use crate::cases::{Case, Data, Nodes, On, Version, of_component};

/// The component's objects, without storage and ingress.
fn objects(version: Version, nodes: Nodes, component: Component) -> Vec<Value> {
    let case = Case { version, on: On::Eks, nodes, data: Data::New };
    let mut objects = of_component(&case.render(), component);
    objects.retain(|object| object["kind"] != "PersistentVolumeClaim" && object["kind"] != "Ingress");
    objects
}

macro_rules! snapshots {
    ($($name:ident: $version:ident, $nodes:ident, $component:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_yaml_snapshot!(objects(Version::$version, Nodes::$nodes, $component));
        }
    )*};
}

snapshots! {
    v4_instance: V4, Three, Component::Instance;
    v4_couchdb: V4, One, Component::CouchDb(None);
    v4_couchdb_1: V4, Three, Component::CouchDb(Some(1));
    v4_couchdb_2: V4, Three, Component::CouchDb(Some(2));
    v4_haproxy: V4, Three, Component::HaProxy;
    v4_healthcheck: V4, Three, Component::HealthCheck;
    v4_upgrade_service: V4, Three, Component::UpgradeService;
    v4_api: V4, Three, Component::Api;
    v4_sentinel: V4, Three, Component::Sentinel;
    v5_2_couchdb: V52, One, Component::CouchDb(None);
    v5_2_couchdb_1: V52, Three, Component::CouchDb(Some(1));
    v5_2_couchdb_2: V52, Three, Component::CouchDb(Some(2));
    v5_3_instance: V53, Three, Component::Instance;
    v5_3_instance_of_one_node: V53, One, Component::Instance;
    v5_3_couchdb: V53, One, Component::CouchDb(None);
    v5_3_couchdb_1: V53, Three, Component::CouchDb(Some(1));
    v5_3_couchdb_2: V53, Three, Component::CouchDb(Some(2));
    v5_3_haproxy: V53, Three, Component::HaProxy;
    v5_3_healthcheck: V53, Three, Component::HealthCheck;
    v5_3_api: V53, Three, Component::Api;
    v5_3_sentinel: V53, Three, Component::Sentinel;
}

#[test]
fn lines_5_2_and_5_3_differ_in_couchdb_alone() {
    let as_5_3 = |version| {
        let text = Value::from(
            [Component::Instance, Component::HaProxy, Component::HealthCheck, Component::Api, Component::Sentinel]
                .into_iter()
                .flat_map(|component| objects(version, Nodes::Three, component))
                .collect::<Vec<_>>(),
        );
        text.to_string().replace("5.2.0", "5.3.0")
    };
    assert_eq!(as_5_3(Version::V52), as_5_3(Version::V53));
}

#[test]
fn only_couchdb_storage_and_ingress_depend_on_the_platform() {
    for case in Case::all() {
        let shared = |case: Case| -> Vec<_> {
            // Who may reach the pods is one's choice there, and the load balancer has configuration of its own.
            let manifests = manifests(&case.instance_with(&["network_policy.enabled=false"]));
            let is_of_gke = |kind: Kind| matches!(kind, Kind::BackendConfig | Kind::FrontendConfig);
            let shared = manifests
                .iter()
                .filter(|manifest| !matches!(manifest.stage, Stage::Storage | Stage::CouchDb | Stage::Ingress))
                .filter(|manifest| !is_of_gke(manifest.object.kind()));
            let mut shared: Vec<_> = shared.map(|manifest| manifest.object.to_value()).collect();
            for object in &mut shared {
                let annotations = object["metadata"].as_object_mut().expect("metadata").remove("annotations");
                let is_referring = object["kind"] == "Service" && object["metadata"]["name"] == "api";
                assert!(annotations.is_none() || (case.on == On::Gke && is_referring), "{case}: {annotations:?}");
            }
            shared
        };
        assert_eq!(shared(case), shared(Case { on: On::K3s, ..case }), "{case}");
    }
}

/// Every value that the settings change, with the path where it stands.
fn changes(assignments: &[&str]) -> Vec<String> {
    changes_from(&[], assignments)
}

/// The same beside other settings.
fn changes_from(before: &[&str], assignments: &[&str]) -> Vec<String> {
    let case = Case { version: Version::V53, on: On::K3s, nodes: Nodes::One, data: Data::New };
    let before: Vec<_> =
        manifests(&case.instance_with(before)).iter().map(|manifest| manifest.object.to_value()).collect();
    let after = manifests(&case.instance_with(assignments));
    let after: Vec<_> = after.iter().map(|manifest| manifest.object.to_value()).collect();
    let mut changes = Vec::new();
    for (before, after) in before.iter().zip(&after) {
        let place = format!("{}/{}", after["kind"], after["metadata"]["name"]).replace('"', "");
        collect_changes(&place, before, after, &mut changes);
    }
    changes
}

fn collect_changes(place: &str, before: &Value, after: &Value, changes: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                collect_changes(&format!("{place}.{key}"), &of(old), &of(new), changes);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                collect_changes(&format!("{place}[{index}]"), old, new, changes);
            }
        }
        _ if before != after => changes.push(format!("{place}: {before} -> {after}")),
        _ => {}
    }
}

#[test]
fn the_apis_port_is_changed_everywhere() {
    insta::assert_yaml_snapshot!(changes(&["api.port=6000"]));
}

#[test]
fn haproxys_port_is_changed_everywhere() {
    // COUCH_URL holds the port too, so the Secret and its checksum change with it.
    insta::assert_yaml_snapshot!(changes(&["haproxy.port=6001"]));
}

#[test]
fn images_that_may_change_are_always_pulled() {
    insta::assert_yaml_snapshot!(changes(&[
        "cache_images=false",
        "upstream_servers.docker_registry=registry.local/cht"
    ]));
}

#[test]
fn the_apis_service_is_of_the_type_asked_for() {
    // Load balancers are no pods: anyone may reach the API then.
    let set = ["network_policy.api_from=any"];
    let changed = changes_from(&set, &[&set[..], &["api.service.type=NodePort"]].concat());
    assert_eq!(changed, [r#"Service/api.spec.type: "ClusterIP" -> "NodePort""#]);
}

#[test]
fn a_taint_is_tolerated_with_any_value_and_effect() {
    assert_eq!(
        changes(&["toleration.key=dedicated", "toleration.operator=Exists"]),
        [r#"Deployment/cht-couchdb.spec.template.spec.tolerations: null -> [{"key":"dedicated","operator":"Exists"}]"#]
    );
}

#[test]
fn data_at_the_root_of_the_volume_has_no_sub_path() {
    assert_eq!(
        changes(&["couchdb_data.dataPathOnDiskForCouchDB=''"]),
        [r#"Deployment/cht-couchdb.spec.template.spec.containers[0].volumeMounts[0].subPath: "data" -> null"#]
    );
}

#[test]
fn a_version_changes_labels_and_images_only() {
    insta::assert_yaml_snapshot!(changes(&[
        "chtversion=feature/new login",
        "cht_image_tag=5.4.0-x",
        "release_line='5.3'"
    ]));
}
