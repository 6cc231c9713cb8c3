//! Whether a JSON value has the shape of its kind: the right types, and no field that the kind does not have.

use cht_manifests::{BackendConfig, FrontendConfig, Kind};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{
    ConfigMap, Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, IngressClass, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use k8s_openapi::api::storage::v1::StorageClass;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// # Errors
///
/// The server's words for what is wrong.
pub(crate) fn check(kind: Kind, value: &Value) -> Result<(), String> {
    match kind {
        Kind::Namespace => as_type::<Namespace>(value),
        Kind::Secret => as_type::<Secret>(value),
        Kind::ConfigMap => as_type::<ConfigMap>(value),
        Kind::ServiceAccount => as_type::<ServiceAccount>(value),
        Kind::Role => as_type::<Role>(value),
        Kind::RoleBinding => as_type::<RoleBinding>(value),
        Kind::PersistentVolume => as_type::<PersistentVolume>(value),
        Kind::PersistentVolumeClaim => as_type::<PersistentVolumeClaim>(value),
        Kind::Job => as_type::<Job>(value),
        Kind::Service => as_type::<Service>(value),
        Kind::Deployment => as_type::<Deployment>(value),
        Kind::Ingress => as_type::<Ingress>(value),
        Kind::NetworkPolicy => as_type::<NetworkPolicy>(value),
        Kind::PodDisruptionBudget => as_type::<PodDisruptionBudget>(value),
        Kind::BackendConfig => as_type::<BackendConfig>(value),
        Kind::FrontendConfig => as_type::<FrontendConfig>(value),
        Kind::ReplicaSet => as_type::<ReplicaSet>(value),
        Kind::Pod => as_type::<Pod>(value),
        Kind::Event => as_type::<Event>(value),
        Kind::StorageClass => as_type::<StorageClass>(value),
        Kind::Node => as_type::<Node>(value),
        Kind::Lease => as_type::<Lease>(value),
        Kind::IngressClass => as_type::<IngressClass>(value),
    }
}

fn as_type<T: DeserializeOwned + Serialize>(value: &Value) -> Result<(), String> {
    let typed = T::deserialize(value).map_err(|error| format!("unable to decode the object: {error}"))?;
    let known = serde_json::to_value(typed).map_err(|error| format!("unable to decode the object: {error}"))?;
    unknown(value, &known, "").map_or(Ok(()), |field| {
        Err(format!("failed to create typed patch object: {field}: field not declared in schema"))
    })
}

/// The first field that the type does not have.
fn unknown(given: &Value, known: &Value, path: &str) -> Option<String> {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => given.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match known.get(name) {
                Some(known) => unknown(value, known, &path),
                None => Some(path),
            }
        }),
        (Value::Array(given), Value::Array(known)) => given
            .iter()
            .zip(known)
            .enumerate()
            .find_map(|(number, (given, known))| unknown(given, known, &format!("{path}[{number}]"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_fields_and_wrong_types_are_named() {
        let typo = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "datas": {}});
        let error = check(Kind::ConfigMap, &typo).unwrap_err();
        assert!(error.contains(".datas: field not declared in schema"), "{error}");
        let number = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {"a": 1}});
        assert!(check(Kind::ConfigMap, &number).is_err());
        let encoded = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}, "data": {"a": "***"}});
        assert!(check(Kind::Secret, &encoded).is_err());
    }
}
