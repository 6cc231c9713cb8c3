//! What a pod consists of.

use serde_json::Value;

use super::Problems;
use super::names::{label_problem, subdomain_problem};
use crate::sandbox::json::{items, text};

pub(super) fn spec(spec: Option<&Value>, field: &str, problems: &mut Problems) {
    let Some(spec) = spec else {
        problems.add(&format!("{field}.containers"), "Required value");
        return;
    };
    problems.require(spec, "/containers", &format!("{field}.containers"));
    for (number, volume) in items(spec, "/volumes").iter().enumerate() {
        self::volume(volume, &format!("{field}.volumes[{number}]"), problems);
    }
    for (number, toleration) in items(spec, "/tolerations").iter().enumerate() {
        self::toleration(toleration, &format!("{field}.tolerations[{number}]"), problems);
    }
    let volumes: Vec<_> = items(spec, "/volumes").iter().filter_map(|volume| text(volume, "/name")).collect();
    for list in ["containers", "initContainers"] {
        for (number, container) in items(spec, &format!("/{list}")).iter().enumerate() {
            self::container(container, &format!("{field}.{list}[{number}]"), &volumes, problems);
        }
    }
}

fn volume(volume: &Value, field: &str, problems: &mut Problems) {
    let mut sources: Vec<_> =
        volume.as_object().into_iter().flatten().map(|(name, _)| name).filter(|name| *name != "name").collect();
    sources.sort_unstable();
    for surplus in sources.iter().skip(1) {
        problems.add(&format!("{field}.{surplus}"), "Forbidden: may not specify more than 1 volume type");
    }
    for (source, name) in [("persistentVolumeClaim", "claimName"), ("secret", "secretName"), ("hostPath", "path")] {
        if volume.get(source).is_some() {
            problems.require(volume, &format!("/{source}/{name}"), &format!("{field}.{source}.{name}"));
        }
    }
}

fn toleration(toleration: &Value, field: &str, problems: &mut Problems) {
    let operator = text(toleration, "/operator").unwrap_or("Equal");
    problems.supported(operator, &format!("{field}.operator"), &["Equal", "Exists"]);
    if text(toleration, "/key").is_none_or(str::is_empty) && operator != "Exists" {
        problems.add(
            &format!("{field}.operator"),
            format!("Invalid value: {operator:?}: operator must be Exists when `key` is empty"),
        );
    }
    if operator == "Exists" && text(toleration, "/value").is_some_and(|value| !value.is_empty()) {
        problems.add(&format!("{field}.operator"), "Invalid value: value must be empty when `operator` is 'Exists'");
    }
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    problems.one_of(toleration, "/effect", &format!("{field}.effect"), &effects);
}

fn container(container: &Value, field: &str, volumes: &[&str], problems: &mut Problems) {
    let name = text(container, "/name").unwrap_or_default();
    match label_problem(name, 63) {
        _ if name.is_empty() => problems.add(&format!("{field}.name"), "Required value"),
        Some(problem) => problems.add(&format!("{field}.name"), format!("Invalid value: {name:?}: {problem}")),
        None => {}
    }
    problems.require(container, "/image", &format!("{field}.image"));
    problems.one_of(
        container,
        "/imagePullPolicy",
        &format!("{field}.imagePullPolicy"),
        &["Always", "IfNotPresent", "Never"],
    );
    for (number, variable) in items(container, "/env").iter().enumerate() {
        self::variable(variable, &format!("{field}.env[{number}]"), problems);
    }
    for (number, mount) in items(container, "/volumeMounts").iter().enumerate() {
        self::mount(mount, &format!("{field}.volumeMounts[{number}]"), volumes, problems);
    }
    for (number, port) in items(container, "/ports").iter().enumerate() {
        let field = format!("{field}.ports[{number}]");
        port_number(port.get("containerPort"), &format!("{field}.containerPort"), problems);
        problems.one_of(port, "/protocol", &format!("{field}.protocol"), &["SCTP", "TCP", "UDP"]);
    }
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        let Some(found) = container.get(probe) else { continue };
        let actions: Vec<_> =
            ["httpGet", "tcpSocket", "exec", "grpc"].into_iter().filter(|action| found.get(action).is_some()).collect();
        if actions.is_empty() {
            problems.add(&format!("{field}.{probe}"), "Required value: must specify a handler type");
        }
        for surplus in actions.iter().skip(1) {
            let field = format!("{field}.{probe}.{surplus}");
            problems.add(&field, "Forbidden: may not specify more than 1 handler type");
        }
        for action in actions.iter().filter(|action| matches!(**action, "httpGet" | "tcpSocket")) {
            port_number(found[action].get("port"), &format!("{field}.{probe}.{action}.port"), problems);
        }
    }
}

fn variable(variable: &Value, field: &str, problems: &mut Problems) {
    problems.require(variable, "/name", &format!("{field}.name"));
    let Some(source) = variable.get("valueFrom") else { return };
    let field = format!("{field}.valueFrom");
    if text(variable, "/value").is_some_and(|value| !value.is_empty()) {
        problems.add(&field, "Invalid value: \"\": may not be specified when `value` is not empty");
    }
    let sources: Vec<_> = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"]
        .into_iter()
        .filter(|name| source.get(name).is_some())
        .collect();
    match sources.as_slice() {
        [] => problems.add(
            &field,
            "Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or \
             `secretKeyRef`",
        ),
        [_] => {}
        _ => problems.add(&field, "Invalid value: \"\": may not have more than one field specified at a time"),
    }
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        let Some(found) = source.get(reference) else { continue };
        let name = text(found, "/name").unwrap_or_default();
        if let Some(problem) = subdomain_problem(name) {
            problems.add(&format!("{field}.{reference}.name"), format!("Invalid value: {name:?}: {problem}"));
        }
        problems.require(found, "/key", &format!("{field}.{reference}.key"));
    }
    if source.get("fieldRef").is_some() {
        let path = text(source, "/fieldRef/fieldPath").unwrap_or_default();
        let field = format!("{field}.fieldRef.fieldPath");
        if path.is_empty() {
            problems.add(&field, "Required value");
        } else if !is_field_path(path) {
            problems.add(&field, format!("Invalid value: {path:?}: field label not supported: {path}"));
        }
    }
}

/// Whether a pod can tell a container what is there.
fn is_field_path(path: &str) -> bool {
    const KNOWN: [&str; 8] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.podIP",
        "status.podIPs",
    ];
    let is_subscript =
        |field: &str| path.strip_prefix(field).is_some_and(|rest| rest.starts_with("['") && rest.ends_with("']"));
    KNOWN.contains(&path) || is_subscript("metadata.labels") || is_subscript("metadata.annotations")
}

fn mount(mount: &Value, field: &str, volumes: &[&str], problems: &mut Problems) {
    let volume = text(mount, "/name").unwrap_or_default();
    if !volumes.contains(&volume) {
        problems.add(&format!("{field}.name"), format!("Not found: {volume:?}"));
    }
    problems.require(mount, "/mountPath", &format!("{field}.mountPath"));
    let sub_path = text(mount, "/subPath").unwrap_or_default();
    let field = format!("{field}.subPath");
    if sub_path.starts_with('/') {
        problems.add(&field, format!("Invalid value: {sub_path:?}: must be a relative path"));
    }
    if sub_path.split('/').any(|part| part == "..") {
        problems.add(&field, format!("Invalid value: {sub_path:?}: must not contain '..'"));
    }
}

/// Checks a port by number, or by name where that is allowed.
pub(super) fn port_number(port: Option<&Value>, field: &str, problems: &mut Problems) {
    if port.is_some_and(Value::is_string) {
        return;
    }
    let number = port.and_then(Value::as_i64).unwrap_or_default();
    if !(1..=65535).contains(&number) {
        problems.add(field, format!("Invalid value: {number}: must be between 1 and 65535, inclusive"));
    }
}
