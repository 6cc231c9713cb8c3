//! What holds for every object of every rendering.

use std::collections::BTreeSet;

use cht_manifests::{Kind, Object, manifests};
use serde_json::Value;

use crate::cases::Case;
use crate::rendered::in_every_case;

#[test]
fn every_object_says_whose_it_is() {
    in_every_case(|rendered| {
        for ((kind, name), object) in &rendered.0 {
            let labels = &object["metadata"]["labels"];
            let label = |key: &str| labels[format!("app.kubernetes.io/{key}")].as_str();
            assert_eq!(label("name"), Some("cht"), "{kind} {name}");
            assert_eq!(label("instance"), Some("county-a"), "{kind} {name}");
            assert_eq!(label("managed-by"), Some("cht"), "{kind} {name}");
            assert_eq!(label("component").is_some(), kind != "Namespace", "{kind} {name}");
            assert_eq!(label("version").is_some(), kind != "Namespace", "{kind} {name}");
            let namespaced = kind != "Namespace" && kind != "PersistentVolume";
            assert_eq!(
                object["metadata"]["namespace"].as_str(),
                namespaced.then_some("county-a-prod"),
                "{kind} {name}"
            );
        }
    });
}

#[test]
fn no_pod_has_the_version_as_a_label_or_services_as_variables() {
    in_every_case(|rendered| {
        for (owner, template) in rendered.templates() {
            let labels = &template["metadata"]["labels"];
            assert_eq!(labels["app.kubernetes.io/instance"], "county-a", "{owner}");
            assert!(labels["app.kubernetes.io/version"].is_null(), "{owner}");
            assert_eq!(template["spec"]["enableServiceLinks"], false, "{owner}");
        }
    });
}

#[test]
fn nothing_is_null_or_empty() {
    fn check(place: &str, value: &Value) {
        match value {
            Value::Object(map) => {
                // A selector without labels selects every one.
                let meant = place.ends_with(".namespaceSelector") || place.ends_with(".podSelector");
                assert!(!map.is_empty() || meant, "{place}");
                map.iter().for_each(|(key, value)| check(&format!("{place}.{key}"), value));
            }
            Value::Array(list) => {
                assert!(!list.is_empty(), "{place}");
                list.iter().enumerate().for_each(|(index, value)| check(&format!("{place}[{index}]"), value));
            }
            Value::String(text) => {
                // The class "" and the API group "" mean something.
                let meant = place.ends_with(".storageClassName") || place.contains(".apiGroups[");
                assert!(!text.is_empty() || meant, "{place}");
            }
            Value::Null => panic!("{place} is null"),
            Value::Bool(_) | Value::Number(_) => {}
        }
    }
    in_every_case(|rendered| {
        for ((kind, name), object) in &rendered.0 {
            check(&format!("{kind}/{name}"), object);
        }
    });
}

#[test]
fn credentials_are_in_the_secret_alone() {
    // As they are written, and as the parts of COUCH_URL and of a Secret's data have them.
    let traces = ["p@ss", "p%40ss", "cEBzcyB3b3Jk", "4a7d1ed4", "NGE3ZDFlZD"];
    in_every_case(|rendered| {
        for ((kind, name), object) in &rendered.0 {
            let found = traces.iter().any(|trace| object.to_string().contains(trace));
            assert_eq!(found, kind == "Secret", "{kind} {name}");
        }
    });
}

#[test]
fn the_same_values_render_the_same_bytes() {
    for case in Case::all() {
        let bytes = || -> Vec<_> {
            let manifests = manifests(&case.instance());
            manifests.iter().map(|manifest| serde_json::to_string(&manifest.object).expect("JSON")).collect()
        };
        assert_eq!(bytes(), bytes(), "{case}");
    }
}

#[test]
fn no_two_objects_have_the_same_key() {
    for case in Case::all() {
        let manifests = case.render();
        let keys: BTreeSet<_> = manifests.iter().map(|manifest| manifest.object.key()).collect();
        assert_eq!(keys.len(), manifests.iter().count(), "{case}");
    }
}

#[test]
fn what_is_rendered_reads_back_as_the_same_object() {
    fn read(kind: Kind, value: Value) -> Object {
        macro_rules! read {
            ($($kind:ident in $module:path),* $(,)?) => {
                match kind {
                    $(Kind::$kind => {
                        use $module as module;
                        serde_json::from_value::<module::$kind>(value).expect("the object").into()
                    })*
                    other => panic!("{other} is not rendered"),
                }
            };
        }
        read!(
            Namespace in k8s_openapi::api::core::v1,
            Secret in k8s_openapi::api::core::v1,
            ConfigMap in k8s_openapi::api::core::v1,
            ServiceAccount in k8s_openapi::api::core::v1,
            Role in k8s_openapi::api::rbac::v1,
            RoleBinding in k8s_openapi::api::rbac::v1,
            PersistentVolume in k8s_openapi::api::core::v1,
            PersistentVolumeClaim in k8s_openapi::api::core::v1,
            Job in k8s_openapi::api::batch::v1,
            Service in k8s_openapi::api::core::v1,
            Deployment in k8s_openapi::api::apps::v1,
            Ingress in k8s_openapi::api::networking::v1,
            NetworkPolicy in k8s_openapi::api::networking::v1,
            BackendConfig in cht_manifests,
            FrontendConfig in cht_manifests,
            PodDisruptionBudget in k8s_openapi::api::policy::v1,
        )
    }
    for case in Case::all() {
        for manifest in &case.render() {
            let object = &manifest.object;
            assert_eq!(&read(object.kind(), object.to_value()), object, "{case}");
        }
    }
}
