//! Objects for the cases.

use cht_manifests::{Kind, Object};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolume, PersistentVolumeClaim, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An object of type `T`, from its JSON without kind and namespace.
pub(super) fn object<T>(namespace: &str, mut value: Value) -> Object
where
    T: DeserializeOwned,
    Object: From<T>,
{
    value["metadata"]["namespace"] = json!(namespace);
    global::<T>(value)
}

/// An object of type `T`, from its JSON without kind.
pub(super) fn global<T>(value: Value) -> Object
where
    T: DeserializeOwned,
    Object: From<T>,
{
    serde_json::from_value::<T>(value).expect("a case writes objects of the type's shape").into()
}

/// The same object with one change.
pub(super) fn changed<T>(object: &Object, change: impl FnOnce(&mut Value)) -> Object
where
    T: DeserializeOwned,
    Object: From<T>,
{
    let mut value = object.to_value();
    change(&mut value);
    global::<T>(value)
}

pub(super) fn namespace(name: &str) -> Object {
    global::<Namespace>(json!({ "metadata": { "name": name } }))
}

pub(super) fn config_map(namespace: &str, name: &str, data: Value) -> Object {
    let metadata =
        ObjectMeta { name: Some(name.to_owned()), namespace: Some(namespace.to_owned()), ..ObjectMeta::default() };
    let data = serde_json::from_value(data).expect("a case writes maps of text");
    ConfigMap { metadata, data: Some(data), ..ConfigMap::default() }.into()
}

pub(super) fn service(namespace: &str, name: &str) -> Object {
    object::<Service>(
        namespace,
        json!({
            "metadata": { "name": name },
            "spec": { "selector": { "app": name }, "ports": [{ "name": "http", "port": 80, "protocol": "TCP" }] },
        }),
    )
}

/// A Deployment of one pod with one container, all of the same name.
pub(super) fn deployment(namespace: &str, name: &str, image: &str) -> Object {
    object::<Deployment>(
        namespace,
        json!({
            "metadata": { "name": name },
            "spec": {
                "replicas": 1,
                "selector": { "matchLabels": { "app": name } },
                "template": {
                    "metadata": { "labels": { "app": name } },
                    "spec": { "containers": [{ "name": name, "image": image }] },
                },
            },
        }),
    )
}

/// The pod's part of a Deployment's or a Job's JSON.
pub(super) fn pod(object: &mut Value) -> &mut Value {
    &mut object["spec"]["template"]["spec"]
}

pub(super) fn job(namespace: &str, name: &str, image: &str) -> Object {
    object::<Job>(
        namespace,
        json!({
            "metadata": { "name": name },
            "spec": { "backoffLimit": 0, "template": { "spec": {
                "restartPolicy": "Never",
                "containers": [{ "name": name, "image": image }],
            } } },
        }),
    )
}

pub(super) fn claim(namespace: &str, name: &str, class: &str, size: &str) -> Object {
    object::<PersistentVolumeClaim>(
        namespace,
        json!({
            "metadata": { "name": name },
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": class,
                "resources": { "requests": { "storage": size } },
            },
        }),
    )
}

/// A volume that is there already. Its name starts with the namespace's, by which a test's volumes are known.
pub(super) fn volume(namespace: &str, class: &str, size: &str) -> Object {
    global::<PersistentVolume>(json!({
        "metadata": { "name": format!("{namespace}-volume") },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": { "storage": size },
            "hostPath": { "path": format!("/var/lib/{namespace}") },
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": class,
        },
    }))
}

/// What another manager applies: the object's name alone, with `fields`.
pub(super) fn only(object: &Object, fields: Value) -> Value {
    let key = object.key();
    let mut value = fields;
    value["apiVersion"] = json!(key.kind.api_version());
    value["kind"] = json!(key.kind.as_str());
    value["metadata"]["name"] = json!(key.name);
    if key.kind != Kind::Namespace {
        value["metadata"]["namespace"] = json!(key.namespace);
    }
    value
}
