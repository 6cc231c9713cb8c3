//! What the API server says about whoever asks.

use http::Request;
use serde_json::{Value, json};

use super::server::with_body;
use crate::access::Rule;
use crate::{Access, ClusterError, Rules};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

/// Asks whether the user may do something.
pub(super) fn of_access(access: &Access) -> Result<Request<Vec<u8>>, ClusterError> {
    let (resource, part) = access.resource.split_once('/').unwrap_or((&access.resource, ""));
    let attributes = json!({
        "verb": access.verb,
        "group": access.group,
        "resource": resource,
        "subresource": part,
        "namespace": access.namespace.as_deref().unwrap_or_default(),
    });
    post("SelfSubjectAccessReview", "selfsubjectaccessreviews", &json!({ "resourceAttributes": attributes }))
}

/// Asks what the user may do in a namespace.
pub(super) fn of_rules(namespace: &str) -> Result<Request<Vec<u8>>, ClusterError> {
    post("SelfSubjectRulesReview", "selfsubjectrulesreviews", &json!({ "namespace": namespace }))
}

fn post(kind: &str, resource: &str, spec: &Value) -> Result<Request<Vec<u8>>, ClusterError> {
    let body = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec });
    with_body("POST", &format!("{REVIEWS}/{resource}"), Some("application/json"), body.to_string().into_bytes())
}

/// # Errors
///
/// When the answer says neither.
pub(super) fn allowed(answer: &Value) -> Result<bool, ClusterError> {
    let malformed = || ClusterError::Malformed { reason: "a review says neither yes nor no".to_owned() };
    answer.pointer("/status/allowed").and_then(Value::as_bool).ok_or_else(malformed)
}

/// # Errors
///
/// When the answer has no rules.
pub(super) fn rules(namespace: &str, mut answer: Value) -> Result<Rules, ClusterError> {
    // `null` where there are none.
    let rules = answer.pointer_mut("/status/resourceRules").map(Value::take).unwrap_or_default();
    let rules: Option<Vec<Rule>> = serde_json::from_value(rules)
        .map_err(|error| ClusterError::Malformed { reason: format!("the rules of {namespace}: {error}") })?;
    Ok(Rules::new(namespace, rules.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;

    use super::*;

    #[test]
    fn a_subresource_is_asked_for_as_such() {
        let asked = of_access(&Access::to_part("get", Kind::Pod, "log", "ns")).expect("a request");
        assert_eq!(asked.uri(), "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
        let body: Value = serde_json::from_slice(asked.body()).expect("JSON");
        let expected =
            json!({ "verb": "get", "group": "", "resource": "pods", "subresource": "log", "namespace": "ns" });
        assert_eq!(body["spec"]["resourceAttributes"], expected);
    }

    #[test]
    fn answers_are_read_or_refused() {
        assert_eq!(allowed(&json!({ "status": { "allowed": false, "reason": "no" } })), Ok(false));
        assert!(allowed(&json!({ "status": {} })).is_err());
        let rule = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"] });
        let found = rules("ns", json!({ "status": { "resourceRules": [rule], "incomplete": false } })).expect("rules");
        assert!(found.show(&Access::to("get", Kind::Pod, "ns")));
        assert!(rules("ns", json!({ "status": { "resourceRules": null } })).expect("rules").is_empty());
        assert!(rules("ns", json!({ "status": { "resourceRules": 1 } })).is_err());
    }
}
