//! Services and the way in.

use serde_json::Value;

use super::names::{label_problem, subdomain_problem};
use super::{Problems, pod};
use crate::sandbox::json::{items, text};

pub(super) fn service(object: &Value, problems: &mut Problems) {
    let ports = items(object, "/spec/ports");
    let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    problems.one_of(object, "/spec/type", "spec.type", &types);
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
        pod::port_number(port.get("port"), &format!("spec.ports[{number}].port"), problems);
        problems.one_of(port, "/protocol", &format!("spec.ports[{number}].protocol"), &["SCTP", "TCP", "UDP"]);
    }
}

pub(super) fn ingress(object: &Value, problems: &mut Problems) {
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
        if rule.get("http").is_some() {
            problems.require(rule, "/http/paths", &format!("spec.rules[{number}].http.paths"));
        }
        for (index, path) in items(rule, "/http/paths").iter().enumerate() {
            self::path(path, &format!("spec.rules[{number}].http.paths[{index}]"), problems);
        }
    }
}

pub(super) fn policy(object: &Value, problems: &mut Problems) {
    for (number, rule) in items(object, "/spec/ingress").iter().enumerate() {
        let field = format!("spec.ingress[{number}]");
        for (index, port) in items(rule, "/ports").iter().enumerate() {
            // A port may also be named, or left open.
            if port.get("port").is_some_and(Value::is_number) {
                pod::port_number(port.get("port"), &format!("{field}.ports[{index}].port"), problems);
            }
            let protocols = ["SCTP", "TCP", "UDP"];
            problems.one_of(port, "/protocol", &format!("{field}.ports[{index}].protocol"), &protocols);
        }
        for (index, peer) in items(rule, "/from").iter().enumerate() {
            let field = format!("{field}.from[{index}]");
            let has = |name: &str| peer.get(name).is_some();
            match (has("podSelector") || has("namespaceSelector"), has("ipBlock")) {
                (false, false) => problems.add(&field, "Required value: must specify a peer"),
                (true, true) => {
                    problems.add(&field, "Forbidden: may not specify both ipBlock and another peer");
                }
                _ => {}
            }
        }
    }
}

fn path(path: &Value, field: &str, problems: &mut Problems) {
    let types = ["Exact", "ImplementationSpecific", "Prefix"];
    problems.must_be_one_of(path, "/pathType", &format!("{field}.pathType"), &types);
    let absolute = text(path, "/path").is_some_and(|path| path.starts_with('/'));
    if matches!(text(path, "/pathType"), Some("Exact" | "Prefix")) && !absolute {
        problems.add(&format!("{field}.path"), "Invalid value: must be an absolute path");
    }
    let field = format!("{field}.backend");
    let Some(service) = path.pointer("/backend/service") else {
        if path.pointer("/backend/resource").is_none() {
            problems.add(&field, "Invalid value: \"\": resource or service backend is required");
        }
        return;
    };
    problems.require(service, "/name", &format!("{field}.service.name"));
    if service.pointer("/port/number").is_none() && service.pointer("/port/name").is_none() {
        problems.add(&field, "Required value: port name or number is required");
    }
}
