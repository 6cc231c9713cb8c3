//! The fields that the API server fills in where a manifest leaves them out, and those that it drops when empty.

use cht_manifests::Kind;
use serde_json::{Value, json};

use super::json::{default, items, items_mut, remove, text};

/// Maps that the server does not keep when they are empty. (Other empty maps stand for something: `emptyDir: {}`.)
const NOT_KEPT_EMPTY: [&str; 9] =
    ["labels", "annotations", "data", "binaryData", "stringData", "nodeSelector", "matchLabels", "limits", "requests"];

/// Removes what the server does not keep: nulls, empty lists and some empty maps.
pub(crate) fn normalize(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for value in map.values_mut() {
                normalize(value);
            }
            map.retain(|name, value| match value {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                Value::Object(map) => !map.is_empty() || !NOT_KEPT_EMPTY.contains(&name.as_str()),
                _ => true,
            });
        }
        Value::Array(items) => items.iter_mut().for_each(normalize),
        _ => {}
    }
}

/// Fills in the defaults of a kind.
pub(crate) fn fill(kind: Kind, object: &mut Value) {
    match kind {
        Kind::Deployment => deployment(object),
        Kind::Job => job(object),
        Kind::Pod => {
            if let Some(spec) = object.get_mut("spec") {
                pod_spec(spec);
                default(spec, "enableServiceLinks", true);
            }
        }
        Kind::Service => service(object),
        Kind::Secret => default(object, "type", "Opaque"),
        Kind::PersistentVolume => volume(object),
        Kind::PersistentVolumeClaim => {
            if let Some(spec) = object.get_mut("spec") {
                default(spec, "volumeMode", "Filesystem");
            }
            phase(object, "Pending");
        }
        Kind::Namespace => {
            default(object, "spec", json!({}));
            default(&mut object["spec"], "finalizers", json!(["kubernetes"]));
            phase(object, "Active");
        }
        Kind::Ingress => {
            default(object, "status", json!({}));
            default(&mut object["status"], "loadBalancer", json!({}));
        }
        Kind::NetworkPolicy => network_policy(object),
        Kind::RoleBinding => role_binding(object),
        Kind::StorageClass => {
            default(object, "reclaimPolicy", "Delete");
            default(object, "volumeBindingMode", "Immediate");
        }
        Kind::ConfigMap
        | Kind::ServiceAccount
        | Kind::Role
        | Kind::PodDisruptionBudget
        | Kind::BackendConfig
        | Kind::FrontendConfig
        | Kind::ReplicaSet
        | Kind::Event
        | Kind::Node
        | Kind::Lease
        | Kind::IngressClass => {}
    }
}

fn phase(object: &mut Value, phase: &str) {
    default(object, "status", json!({}));
    default(&mut object["status"], "phase", phase);
}

fn network_policy(object: &mut Value) {
    let Some(spec) = object.get_mut("spec") else { return };
    let types = if spec.get("egress").is_some() { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
    default(spec, "policyTypes", types);
    for direction in ["/ingress", "/egress"] {
        for rule in items_mut(spec, direction) {
            for port in items_mut(rule, "/ports") {
                default(port, "protocol", "TCP");
            }
        }
    }
}

fn deployment(object: &mut Value) {
    default(object, "status", json!({}));
    let Some(spec) = object.get_mut("spec") else { return };
    default(spec, "replicas", 1);
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "progressDeadlineSeconds", 600);
    default(spec, "strategy", json!({}));
    let strategy = &mut spec["strategy"];
    default(strategy, "type", "RollingUpdate");
    if text(strategy, "/type") == Some("RollingUpdate") {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "maxUnavailable", "25%");
        default(&mut strategy["rollingUpdate"], "maxSurge", "25%");
    }
    if let Some(pod) = spec.pointer_mut("/template/spec") {
        pod_spec(pod);
    }
}

fn job(object: &mut Value) {
    default(object, "status", json!({}));
    let uid = text(object, "/metadata/uid").unwrap_or_default().to_owned();
    let name = text(object, "/metadata/name").unwrap_or_default().to_owned();
    let marks = json!({"controller-uid": uid, "job-name": name});
    let Some(spec) = object.get_mut("spec") else { return };
    default(spec, "parallelism", 1);
    default(spec, "completions", 1);
    default(spec, "backoffLimit", 6);
    default(spec, "selector", json!({"matchLabels": {"controller-uid": uid}}));
    default(spec, "template", json!({}));
    if let Some(pod) = spec.pointer_mut("/template/spec") {
        pod_spec(pod);
    }
    let template = &mut spec["template"];
    default(template, "metadata", json!({}));
    default(&mut template["metadata"], "labels", json!({}));
    for (label, value) in marks.as_object().into_iter().flatten() {
        default(&mut template["metadata"]["labels"], label, value.clone());
    }
    // A Job without labels takes those of its pods.
    let labels = template["metadata"]["labels"].clone();
    default(&mut object["metadata"], "labels", labels);
}

fn service(object: &mut Value) {
    default(object, "status", json!({}));
    default(&mut object["status"], "loadBalancer", json!({}));
    let Some(spec) = object.get_mut("spec") else { return };
    default(spec, "type", "ClusterIP");
    default(spec, "sessionAffinity", "None");
    for port in items_mut(spec, "/ports") {
        let number = port["port"].clone();
        default(port, "protocol", "TCP");
        default(port, "targetPort", number);
    }
}

fn volume(object: &mut Value) {
    if let Some(spec) = object.get_mut("spec") {
        default(spec, "persistentVolumeReclaimPolicy", "Retain");
        default(spec, "volumeMode", "Filesystem");
        if let Some(path) = spec.get_mut("hostPath") {
            default(path, "type", "");
        }
    }
    phase(object, "Pending");
}

fn role_binding(object: &mut Value) {
    if let Some(role) = object.get_mut("roleRef") {
        if text(role, "/apiGroup") == Some("") {
            remove(role, &["apiGroup"]);
        }
        default(role, "apiGroup", "rbac.authorization.k8s.io");
    }
    for subject in items_mut(object, "/subjects") {
        // No group is the group of service accounts.
        if text(subject, "/apiGroup") == Some("") {
            remove(subject, &["apiGroup"]);
        }
        if matches!(text(subject, "/kind"), Some("User" | "Group")) {
            default(subject, "apiGroup", "rbac.authorization.k8s.io");
        }
    }
}

fn pod_spec(spec: &mut Value) {
    default(spec, "restartPolicy", "Always");
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "securityContext", json!({}));
    default(spec, "schedulerName", "default-scheduler");
    // Two names of one field: where only the old one is left, it counts.
    for (from, to) in [("serviceAccount", "serviceAccountName"), ("serviceAccountName", "serviceAccount")] {
        if let Some(account) = spec.get(from).cloned() {
            if to == "serviceAccount" {
                remove(spec, &[to]);
            }
            default(spec, to, account);
        }
    }
    for list in ["/containers", "/initContainers"] {
        items_mut(spec, list).iter_mut().for_each(container);
    }
    for volume in items_mut(spec, "/volumes") {
        const SOURCES: [(&str, &str, Option<i32>); 4] = [
            ("secret", "defaultMode", Some(420)),
            ("configMap", "defaultMode", Some(420)),
            ("downwardAPI", "defaultMode", Some(420)),
            ("hostPath", "type", None),
        ];
        for (source, field, mode) in SOURCES {
            if let Some(source) = volume.get_mut(source) {
                default(source, field, mode.map_or_else(|| json!(""), |mode| json!(mode)));
            }
        }
        let named = volume.as_object().is_some_and(|volume| volume.len() == 1 && volume.contains_key("name"));
        if named {
            default(volume, "emptyDir", json!({}));
        }
    }
}

fn container(container: &mut Value) {
    let image = text(container, "/image").unwrap_or_default();
    let policy = if is_latest(image) { "Always" } else { "IfNotPresent" };
    default(container, "imagePullPolicy", policy);
    default(container, "resources", json!({}));
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    for port in items_mut(container, "/ports") {
        default(port, "protocol", "TCP");
    }
    for variable in items_mut(container, "/env") {
        if let Some(field) = variable.pointer_mut("/valueFrom/fieldRef") {
            default(field, "apiVersion", "v1");
        }
        // An empty value is the same as none.
        if text(variable, "/value") == Some("") {
            remove(variable, &["value"]);
        }
    }
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe) else { continue };
        default(probe, "timeoutSeconds", 1);
        default(probe, "periodSeconds", 10);
        default(probe, "successThreshold", 1);
        default(probe, "failureThreshold", 3);
        if let Some(get) = probe.get_mut("httpGet") {
            default(get, "scheme", "HTTP");
            default(get, "path", "/");
        }
    }
    if items(container, "/ports").is_empty() {
        remove(container, &["ports"]);
    }
}

fn is_latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !image.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lists_and_labels_are_dropped_and_empty_volumes_stay() {
        let mut value = json!({"metadata": {"labels": {}}, "spec": {"tolerations": [], "emptyDir": {}, "x": null}});
        normalize(&mut value);
        assert_eq!(value, json!({"metadata": {}, "spec": {"emptyDir": {}}}));
    }

    #[test]
    fn a_deployment_is_filled_in_as_a_server_does_it() {
        let mut deployment = json!({"spec": {
            "selector": {"matchLabels": {"a": "web"}},
            "strategy": {"type": "Recreate"},
            "template": {"metadata": {"labels": {"a": "web"}}, "spec": {"containers": [{"name": "web", "image": "x:1"}]}},
        }});
        fill(Kind::Deployment, &mut deployment);
        let expected = json!({
            "status": {},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"a": "web"}},
                "template": {
                    "metadata": {"labels": {"a": "web"}},
                    "spec": {
                        "containers": [{
                            "name": "web",
                            "image": "x:1",
                            "resources": {},
                            "terminationMessagePath": "/dev/termination-log",
                            "terminationMessagePolicy": "File",
                            "imagePullPolicy": "IfNotPresent",
                        }],
                        "restartPolicy": "Always",
                        "terminationGracePeriodSeconds": 30,
                        "dnsPolicy": "ClusterFirst",
                        "securityContext": {},
                        "schedulerName": "default-scheduler",
                    },
                },
                "strategy": {"type": "Recreate"},
                "revisionHistoryLimit": 10,
                "progressDeadlineSeconds": 600,
            },
        });
        assert_eq!(deployment, expected);
        let before = deployment.clone();
        fill(Kind::Deployment, &mut deployment);
        assert_eq!(deployment, before);
    }

    #[test]
    fn images_without_a_tag_are_pulled_always() {
        for (image, latest) in
            [("a", true), ("a:latest", true), ("r.io:5000/a", true), ("r.io:5000/a:1", false), ("a@sha256:0", false)]
        {
            assert_eq!(is_latest(image), latest, "{image}");
        }
    }
}
