//! Names and labels.

use cht_manifests::Kind;
use serde_json::Value;

use super::Problems;
use crate::sandbox::json::{text, texts};

/// Checks the name and the labels.
pub(super) fn metadata(kind: Kind, object: &Value, problems: &mut Problems) {
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

/// Checks labels.
pub(super) fn labels(object: &Value, pointer: &str, field: &str, problems: &mut Problems) {
    for (name, value) in texts(object, pointer) {
        if !is_label_value(value) {
            problems.add(field, format!("Invalid value: {value:?}: {LABEL_VALUE}"));
        }
        if !is_qualified_name(name) {
            problems.add(field, format!("Invalid value: {name:?}: {QUALIFIED_NAME}"));
        }
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

/// Why a name is no label of DNS.
pub(crate) fn label_problem(name: &str, limit: usize) -> Option<String> {
    too_long(name, limit).or_else(|| (!is_label(name)).then(|| LABEL.to_owned()))
}

/// Why a name cannot be that of a Service.
pub(crate) fn service_name_problem(name: &str) -> Option<String> {
    let valid = is_label(name) && name.starts_with(|letter: char| letter.is_ascii_lowercase());
    too_long(name, 63).or_else(|| (!valid).then(|| SERVICE.to_owned()))
}

/// Why a name is no name of DNS.
pub(crate) fn subdomain_problem(name: &str) -> Option<String> {
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
