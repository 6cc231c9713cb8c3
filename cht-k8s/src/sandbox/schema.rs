//! How the lists and maps of each kind merge: what the API server's OpenAPI document says in `x-kubernetes-list-type`,
//! `x-kubernetes-map-type` and the merge keys.
//!
//! Only what differs from the rule is listed. The rule: maps merge field by field, lists are replaced as a whole.

use std::collections::BTreeMap;

use cht_manifests::Kind;
use serde_json::Value;

/// How a value merges.
#[derive(Debug)]
pub(crate) enum Type {
    /// A map merges field by field, a list is replaced. Fields that are not named are of this type, too.
    Plain(&'static [(&'static str, &'static Type)]),
    /// Replaced as a whole.
    Atomic,
    /// A list whose items are told apart by some of their fields.
    Keyed(&'static [Key], &'static Type),
    /// A list of texts, each there once.
    Set,
}

/// A field that tells the items of a list apart.
#[derive(Debug)]
pub(crate) struct Key {
    name: &'static str,
    /// What the field is where it is not given.
    default: Option<&'static str>,
}

const fn key(name: &'static str) -> Key {
    Key { name, default: None }
}

/// A value that merges by the rule alone.
pub(crate) const PLAIN: Type = Type::Plain(&[]);

const BY_NAME: Type = Type::Keyed(&[key("name")], &PLAIN);
const BY_TYPE: Type = Type::Keyed(&[key("type")], &PLAIN);
const BY_IP: Type = Type::Keyed(&[key("ip")], &PLAIN);

const METADATA: Type = Type::Plain(&[
    ("finalizers", &Type::Set),
    ("ownerReferences", &Type::Keyed(&[key("uid")], &PLAIN)),
    ("managedFields", &Type::Atomic),
]);

const CONTAINERS: Type = Type::Keyed(
    &[key("name")],
    &Type::Plain(&[
        ("env", &BY_NAME),
        ("ports", &Type::Keyed(&[key("containerPort"), Key { name: "protocol", default: Some("TCP") }], &PLAIN)),
        ("volumeMounts", &Type::Keyed(&[key("mountPath")], &PLAIN)),
        ("volumeDevices", &Type::Keyed(&[key("devicePath")], &PLAIN)),
    ]),
);

const POD_SPEC: Type = Type::Plain(&[
    ("containers", &CONTAINERS),
    ("initContainers", &CONTAINERS),
    ("ephemeralContainers", &CONTAINERS),
    ("hostAliases", &BY_IP),
    ("imagePullSecrets", &BY_NAME),
    ("topologySpreadConstraints", &Type::Keyed(&[key("topologyKey"), key("whenUnsatisfiable")], &PLAIN)),
    ("volumes", &BY_NAME),
]);

const TEMPLATE: Type = Type::Plain(&[("metadata", &METADATA), ("spec", &POD_SPEC)]);
const CONDITIONS: Type = Type::Plain(&[("conditions", &BY_TYPE)]);

const WORKLOAD: Type = Type::Plain(&[
    ("metadata", &METADATA),
    ("spec", &Type::Plain(&[("selector", &Type::Atomic), ("template", &TEMPLATE)])),
    ("status", &CONDITIONS),
]);
const POD: Type = Type::Plain(&[
    ("metadata", &METADATA),
    ("spec", &POD_SPEC),
    ("status", &Type::Plain(&[("conditions", &BY_TYPE), ("podIPs", &BY_IP)])),
]);
const SERVICE: Type = Type::Plain(&[
    ("metadata", &METADATA),
    // The protocol has no default as a key here, unlike that of a container's port.
    ("spec", &Type::Plain(&[("ports", &Type::Keyed(&[key("port"), key("protocol")], &PLAIN))])),
    ("status", &CONDITIONS),
]);
const CLAIM: Type = Type::Plain(&[
    ("metadata", &METADATA),
    ("spec", &Type::Plain(&[("selector", &Type::Atomic)])),
    ("status", &CONDITIONS),
]);
const NODE: Type = Type::Plain(&[
    ("metadata", &METADATA),
    ("status", &Type::Plain(&[("addresses", &BY_TYPE), ("conditions", &BY_TYPE)])),
]);
const NETWORK_POLICY: Type =
    Type::Plain(&[("metadata", &METADATA), ("spec", &Type::Plain(&[("podSelector", &Type::Atomic)]))]);
const BUDGET: Type = Type::Plain(&[
    ("metadata", &METADATA),
    ("spec", &Type::Plain(&[("selector", &Type::Atomic)])),
    ("status", &CONDITIONS),
]);
const SERVICE_ACCOUNT: Type = Type::Plain(&[("metadata", &METADATA), ("secrets", &BY_NAME)]);
const OTHER: Type = Type::Plain(&[("metadata", &METADATA), ("status", &CONDITIONS)]);

/// How objects of a kind merge.
pub(crate) fn of(kind: Kind) -> &'static Type {
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::Job => &WORKLOAD,
        Kind::Pod => &POD,
        Kind::Service => &SERVICE,
        Kind::PersistentVolumeClaim => &CLAIM,
        Kind::Node => &NODE,
        Kind::NetworkPolicy => &NETWORK_POLICY,
        Kind::PodDisruptionBudget => &BUDGET,
        Kind::ServiceAccount => &SERVICE_ACCOUNT,
        _ => &OTHER,
    }
}

impl Type {
    /// The type of a map's field.
    pub(crate) fn field(&self, name: &str) -> &'static Type {
        match self {
            Self::Plain(fields) => {
                fields.iter().find(|(field, _)| *field == name).map_or(&PLAIN, |(_, field_type)| *field_type)
            }
            _ => &PLAIN,
        }
    }
}

/// The path element of a list's item: `k:{"containerPort":5984,"protocol":"TCP"}`. Nothing where a key is missing.
pub(crate) fn item_element(keys: &[Key], item: &Value) -> Result<String, &'static str> {
    let mut found = BTreeMap::new();
    for key in keys {
        let value = match (item.get(key.name), key.default) {
            (Some(value), _) if !value.is_null() => value.clone(),
            (_, Some(default)) => Value::from(default),
            _ => return Err(key.name),
        };
        found.insert(key.name, value);
    }
    Ok(format!("k:{}", serde_json::json!(found)))
}

/// The path element of a set's item: `v:"x"`.
pub(crate) fn set_element(item: &Value) -> String {
    format!("v:{item}")
}

/// What keeps a value from being merged at all: an item without its key, or two with the same.
///
/// # Errors
///
/// The server's words for it.
pub(crate) fn check(value: &Value, of_type: &Type, path: &str) -> Result<(), String> {
    match (of_type, value) {
        (Type::Plain(_), Value::Object(map)) => {
            map.iter().try_for_each(|(name, value)| check(value, of_type.field(name), &format!("{path}.{name}")))
        }
        (Type::Keyed(keys, item_type), Value::Array(items)) => {
            let mut seen = Vec::new();
            for (number, item) in items.iter().enumerate() {
                let element = item_element(keys, item).map_err(|key| {
                    format!(
                        "{path}: element {number}: associative list with keys has an element that omits key field \
                         \"{key}\" (and doesn't have default value)"
                    )
                })?;
                if seen.contains(&element) {
                    return Err(format!("{path}: duplicate entries for key {}", element.trim_start_matches("k:")));
                }
                check(item, item_type, &format!("{path}[{number}]"))?;
                seen.push(element);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_protocol_of_a_container_port_has_a_default_and_that_of_a_service_port_has_none() {
        let deployment =
            json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 1}]}]}}}});
        assert_eq!(check(&deployment, of(Kind::Deployment), ""), Ok(()));
        let service = json!({"spec": {"ports": [{"port": 1}]}});
        let error = check(&service, of(Kind::Service), "").unwrap_err();
        assert!(error.starts_with(".spec.ports: element 0:") && error.contains("\"protocol\""), "{error}");
    }

    #[test]
    fn two_items_with_one_key_are_an_error() {
        let pod = json!({"spec": {"containers": [{"name": "a"}, {"name": "a"}]}});
        assert_eq!(
            check(&pod, of(Kind::Pod), ""),
            Err(".spec.containers: duplicate entries for key {\"name\":\"a\"}".to_owned())
        );
    }

    #[test]
    fn keys_are_written_in_order() {
        let keys = [key("port"), key("protocol")];
        assert_eq!(
            item_element(&keys, &json!({"protocol": "TCP", "port": 80})).as_deref(),
            Ok("k:{\"port\":80,\"protocol\":\"TCP\"}")
        );
    }
}
