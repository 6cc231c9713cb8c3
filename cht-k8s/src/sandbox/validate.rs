//! What the API server does not accept.

use cht_manifests::Kind;
use serde_json::Value;

use super::json::{items, text, texts};

/// Problems as the server lists them: the field, then what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, field: &str, problem: impl AsRef<str>) {
        self.0.push(format!("{field}: {}", problem.as_ref()));
    }

    fn require(&mut self, object: &Value, pointer: &str, field: &str) {
        let missing = match object.pointer(pointer) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(map)) => map.is_empty(),
            Some(_) => false,
        };
        if missing {
            self.add(field, "Required value");
        }
    }

    /// The server's message, if there is a problem at all.
    pub(crate) fn message(self, kind: Kind, name: &str) -> Option<String> {
        let group = kind.group();
        let subject = if group.is_empty() { kind.to_string() } else { format!("{kind}.{group}") };
        match self.0.as_slice() {
            [] => None,
            [one] => Some(format!("{subject} {name:?} is invalid: {one}")),
            many => Some(format!("{subject} {name:?} is invalid: [{}]", many.join(", "))),
        }
    }
}

/// What is wrong with an object by itself.
pub(crate) fn object(kind: Kind, object: &Value) -> Problems {
    let mut problems = Problems::default();
    metadata(kind, object, &mut problems);
    match kind {
        Kind::Deployment => deployment(object, &mut problems),
        Kind::Job => {
            let policy = text(object, "/spec/template/spec/restartPolicy").unwrap_or_default();
            if !matches!(policy, "OnFailure" | "Never") {
                problems.add(
                    "spec.template.spec.restartPolicy",
                    format!("Unsupported value: {policy:?}: supported values: \"OnFailure\", \"Never\""),
                );
            }
            pod_spec(object.pointer("/spec/template/spec"), "spec.template.spec", &mut problems);
        }
        Kind::Service => service(object, &mut problems),
        Kind::PersistentVolumeClaim => {
            problems.require(object, "/spec/accessModes", "spec.accessModes");
            problems.require(object, "/spec/resources/requests/storage", "spec.resources[storage]");
            quantity(object, "/spec/resources/requests/storage", "spec.resources[storage]", &mut problems);
        }
        Kind::PersistentVolume => {
            problems.require(object, "/spec/accessModes", "spec.accessModes");
            problems.require(object, "/spec/capacity", "spec.capacity");
            quantity(object, "/spec/capacity/storage", "spec.capacity[storage]", &mut problems);
            if super::immutable::volume_source(object).is_empty() {
                problems.add("spec", "Required value: must specify a volume type");
            }
            if object.pointer("/spec/local").is_some() && object.pointer("/spec/nodeAffinity").is_none() {
                problems.add("spec.nodeAffinity", "Required value: Local volume requires node affinity");
            }
        }
        Kind::RoleBinding => problems.require(object, "/roleRef/name", "roleRef.name"),
        Kind::Secret => secret(object, &mut problems),
        Kind::ConfigMap => keys(object, "data", &mut problems),
        Kind::Ingress => ingress(object, &mut problems),
        Kind::Namespace
        | Kind::ServiceAccount
        | Kind::Role
        | Kind::ReplicaSet
        | Kind::Pod
        | Kind::Event
        | Kind::StorageClass
        | Kind::Node => {}
    }
    problems
}

fn metadata(kind: Kind, object: &Value, problems: &mut Problems) {
    let name = text(object, "/metadata/name").unwrap_or_default();
    if name.is_empty() {
        problems.add("metadata.name", "Required value: name or generateName is required");
    } else {
        let problem = match kind {
            Kind::Namespace => label_problem(name, 63),
            Kind::Service => service_name_problem(name),
            // Anything that can be part of a path may be the name of these.
            Kind::Role | Kind::RoleBinding => None,
            _ => subdomain_problem(name),
        };
        if let Some(problem) = problem {
            problems.add("metadata.name", format!("Invalid value: {name:?}: {problem}"));
        }
    }
    labels(object, "/metadata/labels", "metadata.labels", problems);
}

fn labels(object: &Value, pointer: &str, field: &str, problems: &mut Problems) {
    for (name, value) in texts(object, pointer) {
        if !is_label_value(value) {
            problems.add(field, format!("Invalid value: {value:?}: {LABEL_VALUE}"));
        }
        if !is_qualified_name(name) {
            problems.add(field, format!("Invalid value: {name:?}: {QUALIFIED_NAME}"));
        }
    }
}

fn deployment(object: &Value, problems: &mut Problems) {
    problems.require(object, "/spec/selector", "spec.selector");
    let has = |name: &str, value: &str| {
        texts(object, "/spec/template/metadata/labels").any(|label| label == (name, value))
    };
    let wanted: Vec<_> = texts(object, "/spec/selector/matchLabels").collect();
    if wanted.iter().any(|(name, value)| !has(name, value)) {
        problems.add(
            "spec.template.metadata.labels",
            "Invalid value: `selector` does not match template `labels`",
        );
    }
    labels(object, "/spec/template/metadata/labels", "spec.template.labels", problems);
    if text(object, "/spec/strategy/type") == Some("Recreate")
        && object.pointer("/spec/strategy/rollingUpdate").is_some()
    {
        problems.add(
            "spec.strategy.rollingUpdate",
            "Forbidden: may not be specified when strategy `type` is 'Recreate'",
        );
    }
    let zero = |field: &str| {
        object
            .pointer("/spec/strategy/rollingUpdate")
            .and_then(|update| update.get(field))
            .is_some_and(|value| value.as_i64() == Some(0) || value.as_str() == Some("0%"))
    };
    if zero("maxSurge") && zero("maxUnavailable") {
        problems.add(
            "spec.strategy.rollingUpdate.maxUnavailable",
            "Invalid value: 0: may not be 0 when `maxSurge` is 0",
        );
    }
    let policy = text(object, "/spec/template/spec/restartPolicy").unwrap_or_default();
    if policy != "Always" {
        problems.add(
            "spec.template.spec.restartPolicy",
            format!("Unsupported value: {policy:?}: supported values: \"Always\""),
        );
    }
    pod_spec(object.pointer("/spec/template/spec"), "spec.template.spec", problems);
}

fn pod_spec(spec: Option<&Value>, field: &str, problems: &mut Problems) {
    let Some(spec) = spec else {
        problems.add(&format!("{field}.containers"), "Required value");
        return;
    };
    problems.require(spec, "/containers", &format!("{field}.containers"));
    let volumes: Vec<_> = items(spec, "/volumes").iter().filter_map(|volume| text(volume, "/name")).collect();
    for list in ["containers", "initContainers"] {
        for (number, container) in items(spec, &format!("/{list}")).iter().enumerate() {
            self::container(container, &format!("{field}.{list}[{number}]"), &volumes, problems);
        }
    }
}

fn container(container: &Value, field: &str, volumes: &[&str], problems: &mut Problems) {
    let name = text(container, "/name").unwrap_or_default();
    match label_problem(name, 63) {
        _ if name.is_empty() => problems.add(&format!("{field}.name"), "Required value"),
        Some(problem) => {
            problems.add(&format!("{field}.name"), format!("Invalid value: {name:?}: {problem}"));
        }
        None => {}
    }
    problems.require(container, "/image", &format!("{field}.image"));
    for (number, mount) in items(container, "/volumeMounts").iter().enumerate() {
        let volume = text(mount, "/name").unwrap_or_default();
        if !volumes.contains(&volume) {
            problems.add(&format!("{field}.volumeMounts[{number}].name"), format!("Not found: {volume:?}"));
        }
        let sub_path = text(mount, "/subPath").unwrap_or_default();
        if sub_path.starts_with('/') {
            problems.add(
                &format!("{field}.volumeMounts[{number}].subPath"),
                format!("Invalid value: {sub_path:?}: must be a relative path"),
            );
        }
        if sub_path.split('/').any(|part| part == "..") {
            problems.add(
                &format!("{field}.volumeMounts[{number}].subPath"),
                format!("Invalid value: {sub_path:?}: must not contain '..'"),
            );
        }
    }
    for (number, port) in items(container, "/ports").iter().enumerate() {
        port_number(port.get("containerPort"), &format!("{field}.ports[{number}].containerPort"), problems);
    }
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        for action in ["httpGet", "tcpSocket"] {
            if let Some(action_value) = container.get(probe).and_then(|probe| probe.get(action)) {
                port_number(action_value.get("port"), &format!("{field}.{probe}.{action}.port"), problems);
            }
        }
    }
}

/// A port by number, or by name where that is allowed.
fn port_number(port: Option<&Value>, field: &str, problems: &mut Problems) {
    if port.is_some_and(Value::is_string) {
        return;
    }
    let number = port.and_then(Value::as_i64).unwrap_or_default();
    if !(1..=65535).contains(&number) {
        problems.add(field, format!("Invalid value: {number}: must be between 1 and 65535, inclusive"));
    }
}

fn service(object: &Value, problems: &mut Problems) {
    let ports = items(object, "/spec/ports");
    problems.require(object, "/spec/ports", "spec.ports");
    for (number, port) in ports.iter().enumerate() {
        let name = text(port, "/name").unwrap_or_default();
        if name.is_empty() && ports.len() > 1 {
            problems.add(&format!("spec.ports[{number}].name"), "Required value");
        }
        if ports[..number].iter().any(|other| !name.is_empty() && text(other, "/name") == Some(name)) {
            problems.add(&format!("spec.ports[{number}].name"), format!("Duplicate value: {name:?}"));
        }
        if let Some(problem) = label_problem(name, 63).filter(|_| !name.is_empty()) {
            problems.add(&format!("spec.ports[{number}].name"), format!("Invalid value: {name:?}: {problem}"));
        }
        port_number(port.get("port"), &format!("spec.ports[{number}].port"), problems);
    }
}

fn secret(object: &Value, problems: &mut Problems) {
    keys(object, "data", problems);
    if text(object, "/type") == Some("kubernetes.io/tls") {
        for name in ["tls.crt", "tls.key"] {
            if object.get("data").and_then(|data| data.get(name)).is_none() {
                problems.add(&format!("data[{name}]"), "Required value");
            }
        }
    }
}

fn keys(object: &Value, field: &str, problems: &mut Problems) {
    for name in object.get(field).and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
        let valid = !name.is_empty()
            && name.len() <= 253
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && name != "."
            && !name.starts_with("..");
        if !valid {
            problems.add(
                &format!("{field}[{name}]"),
                format!(
                    "Invalid value: {name:?}: a valid config key must consist of alphanumeric characters, '-', '_' or \
                     '.'"
                ),
            );
        }
    }
}

fn ingress(object: &Value, problems: &mut Problems) {
    let rules = items(object, "/spec/rules");
    if rules.is_empty() && object.pointer("/spec/defaultBackend").is_none() {
        problems.add("spec", "Invalid value: either `defaultBackend` or `rules` must be specified");
    }
    for (number, rule) in rules.iter().enumerate() {
        if let Some(host) = text(rule, "/host")
            && let Some(problem) = subdomain_problem(host.strip_prefix("*.").unwrap_or(host))
        {
            problems.add(&format!("spec.rules[{number}].host"), format!("Invalid value: {host:?}: {problem}"));
        }
        for (index, path) in items(rule, "/http/paths").iter().enumerate() {
            let field = format!("spec.rules[{number}].http.paths[{index}]");
            match text(path, "/pathType") {
                None => problems.add(&format!("{field}.pathType"), "Required value: pathType must be specified"),
                Some("Exact" | "Prefix") if !text(path, "/path").is_some_and(|path| path.starts_with('/')) => {
                    problems.add(&format!("{field}.path"), "Invalid value: must be an absolute path");
                }
                Some(_) => {}
            }
        }
    }
}

fn quantity(object: &Value, pointer: &str, field: &str, problems: &mut Problems) {
    let Some(written) = text(object, pointer) else { return };
    match super::quantity::bytes(written) {
        Some(bytes) if bytes > 0 => {}
        Some(_) => problems.add(field, format!("Invalid value: {written:?}: must be greater than zero")),
        None => problems.add(field, format!("Invalid value: {written:?}: quantities must match a number with a unit")),
    }
}

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
                     start and end with an alphanumeric character";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
                         '.', and must start and end with an alphanumeric character";
const SERVICE: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
                       alphabetic character, and end with an alphanumeric character";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
                           '.', and must start and end with an alphanumeric character, 63 at most";
const QUALIFIED_NAME: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and \
                              end with an alphanumeric character";

fn is_label(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

fn too_long(name: &str, limit: usize) -> Option<String> {
    (name.len() > limit).then(|| format!("must be no more than {limit} characters"))
}

fn label_problem(name: &str, limit: usize) -> Option<String> {
    too_long(name, limit).or_else(|| (!is_label(name)).then(|| LABEL.to_owned()))
}

fn service_name_problem(name: &str) -> Option<String> {
    let valid = is_label(name) && name.starts_with(|letter: char| letter.is_ascii_lowercase());
    too_long(name, 63).or_else(|| (!valid).then(|| SERVICE.to_owned()))
}

fn subdomain_problem(name: &str) -> Option<String> {
    too_long(name, 253).or_else(|| (!name.split('.').all(is_label)).then(|| SUBDOMAIN.to_owned()))
}

fn is_name_part(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    name.len() <= 63
        && edge(name.as_bytes().first())
        && edge(name.as_bytes().last())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name_part(value)
}

fn is_qualified_name(name: &str) -> bool {
    match name.split_once('/') {
        Some((prefix, name)) => subdomain_problem(prefix).is_none() && is_name_part(name),
        None => is_name_part(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(kind: Kind, value: &Value) -> Option<String> {
        let name = text(value, "/metadata/name").unwrap_or_default().to_owned();
        object(kind, value).message(kind, &name)
    }

    fn deployment(name: &str, container: &Value) -> Value {
        json!({"metadata": {"name": name}, "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"restartPolicy": "Always", "containers": [container]},
            },
        }})
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let message = message(Kind::Deployment, &deployment("Web_3", &json!({"name": "Web", "image": ""}))).unwrap();
        assert!(message.starts_with("Deployment.apps \"Web_3\" is invalid: [metadata.name: Invalid value"), "{message}");
        assert!(message.contains("spec.template.spec.containers[0].name: Invalid value: \"Web\""), "{message}");
        assert!(message.ends_with("spec.template.spec.containers[0].image: Required value]"), "{message}");
    }

    #[test]
    fn a_good_deployment_has_no_problem() {
        assert_eq!(message(Kind::Deployment, &deployment("web", &json!({"name": "web", "image": "x"}))), None);
    }

    #[test]
    fn mounts_need_their_volume_and_probes_a_port() {
        let container = json!({"name": "a", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/"}],
            "readinessProbe": {"httpGet": {"scheme": "HTTP"}}});
        let message = message(Kind::Deployment, &deployment("web", &container)).unwrap();
        assert!(message.contains("volumeMounts[0].name: Not found: \"v\""), "{message}");
        assert!(message.contains("readinessProbe.httpGet.port: Invalid value: 0"), "{message}");
    }

    #[test]
    fn names_and_labels_follow_the_rules_of_dns() {
        assert_eq!(message(Kind::ConfigMap, &json!({"metadata": {"name": "a.b-c"}})), None);
        for name in ["", "A", "-a", "a_b", "a..b", &"a".repeat(254)] {
            assert!(message(Kind::ConfigMap, &json!({"metadata": {"name": name}})).is_some(), "{name}");
        }
        assert!(message(Kind::Namespace, &json!({"metadata": {"name": "a.b"}})).is_some());
        assert!(message(Kind::Service, &json!({"metadata": {"name": "1a"}, "spec": {"ports": [{"port": 1}]}})).is_some());
        let labelled = json!({"metadata": {"name": "a", "labels": {"x.y/z": "b c"}}});
        assert!(message(Kind::ConfigMap, &labelled).unwrap().contains("\"b c\""));
    }

    #[test]
    fn claims_and_volumes_need_a_size() {
        let claim = json!({"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "much"}}}});
        assert!(message(Kind::PersistentVolumeClaim, &claim).unwrap().contains("\"much\""));
        let volume = json!({"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"}, "local": {"path": "/x"}}});
        assert!(message(Kind::PersistentVolume, &volume).unwrap().contains("Local volume requires node affinity"));
    }

    #[test]
    fn a_tls_secret_has_both_halves() {
        let secret = json!({"metadata": {"name": "s"}, "type": "kubernetes.io/tls", "data": {"tls.crt": "eA=="}});
        assert_eq!(
            message(Kind::Secret, &secret).as_deref(),
            Some("Secret \"s\" is invalid: data[tls.key]: Required value")
        );
    }
}
