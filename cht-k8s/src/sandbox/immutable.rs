//! What cannot change once an object exists.

use cht_manifests::Kind;
use serde_json::{Map, Value};

use super::json::{remove, text};
use super::validate::Problems;

/// Adds what the new version of an object changes and may not.
pub(crate) fn check(kind: Kind, old: &Value, new: &Value, problems: &mut Problems) {
    let changed = |pointer: &str| old.pointer(pointer) != new.pointer(pointer);
    match kind {
        Kind::Deployment | Kind::ReplicaSet if changed("/spec/selector") => {
            let selector = new.pointer("/spec/selector").unwrap_or(&Value::Null);
            problems.add("spec.selector", format!("Invalid value: {selector}: field is immutable"));
        }
        Kind::Job => {
            for field in ["template", "selector", "completions"] {
                if changed(&format!("/spec/{field}")) {
                    problems.add(&format!("spec.{field}"), "Invalid value: field is immutable");
                }
            }
        }
        Kind::Service => {
            let address = "/spec/clusterIP";
            if text(old, address).is_some_and(|old| !old.is_empty()) && changed(address) {
                let wanted = text(new, address).unwrap_or_default();
                problems.add(
                    "spec.clusterIPs[0]",
                    format!("Invalid value: []string{{{wanted:?}}}: may not change once set"),
                );
            }
        }
        Kind::RoleBinding if changed("/roleRef") => {
            problems.add("roleRef", "Invalid value: cannot change roleRef");
        }
        Kind::Secret => {
            if changed("/type") {
                let wanted = text(new, "/type").unwrap_or_default();
                problems.add("type", format!("Invalid value: {wanted:?}: field is immutable"));
            }
            frozen(old, new, problems);
        }
        Kind::ConfigMap => frozen(old, new, problems),
        Kind::PersistentVolume => {
            if volume_source(old) != volume_source(new) {
                problems.add(
                    "spec.persistentvolumesource",
                    "Forbidden: spec.persistentvolumesource is immutable after creation",
                );
            }
            if old.pointer("/spec/nodeAffinity").is_some() && changed("/spec/nodeAffinity") {
                problems.add("spec.nodeAffinity", "Invalid value: field is immutable");
            }
        }
        Kind::PersistentVolumeClaim => claim(old, new, problems),
        _ => {}
    }
}

fn claim(old: &Value, new: &Value, problems: &mut Problems) {
    const WHY: &str = "Forbidden: spec is immutable after creation except resources.requests for bound claims";
    let bound = text(old, "/status/phase") == Some("Bound");
    let rest = |claim: &Value| {
        let mut spec = claim.get("spec").cloned().unwrap_or_default();
        if bound {
            remove(&mut spec, &["resources", "requests"]);
        }
        // The binding itself is written once.
        if text(old, "/spec/volumeName").is_none() {
            remove(&mut spec, &["volumeName"]);
        }
        spec
    };
    if rest(old) != rest(new) {
        problems.add("spec", WHY);
        return;
    }
    let size = |claim: &Value| {
        text(claim, "/spec/resources/requests/storage").and_then(super::quantity::bytes).unwrap_or_default()
    };
    if bound && size(new) < size(old) {
        problems.add("spec.resources.requests.storage", "Forbidden: field can not be less than previous value");
    }
}

fn frozen(old: &Value, new: &Value, problems: &mut Problems) {
    if old.get("immutable") == Some(&Value::Bool(true)) && old.get("data") != new.get("data") {
        problems.add("data", "Forbidden: field is immutable when `immutable` is set");
    }
}

/// Where a volume's data is: everything in its spec that is no property of volumes as such.
pub(crate) fn volume_source(volume: &Value) -> Map<String, Value> {
    const PROPERTIES: [&str; 8] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeMode",
    ];
    let mut spec = volume.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
    spec.retain(|field, _| !PROPERTIES.contains(&field.as_str()) && field != "volumeAttributesClassName");
    spec
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(kind: Kind, old: &Value, new: &Value) -> Option<String> {
        let mut problems = Problems::default();
        check(kind, old, new, &mut problems);
        problems.message(kind, "x")
    }

    #[test]
    fn a_bound_claim_only_grows() {
        let claim = |size: &str, class: &str, phase: &str| {
            json!({"spec": {"resources": {"requests": {"storage": size}}, "storageClassName": class},
                "status": {"phase": phase}})
        };
        let kind = Kind::PersistentVolumeClaim;
        assert_eq!(problem(kind, &claim("1Gi", "a", "Bound"), &claim("2Gi", "a", "Bound")), None);
        assert!(problem(kind, &claim("2Gi", "a", "Bound"), &claim("1Gi", "a", "Bound")).unwrap().contains("less"));
        assert!(problem(kind, &claim("1Gi", "a", "Pending"), &claim("2Gi", "a", "Pending")).is_some());
        assert!(problem(kind, &claim("1Gi", "a", "Bound"), &claim("1Gi", "b", "Bound")).is_some());
    }

    #[test]
    fn a_claim_is_bound_once() {
        let free = json!({"spec": {}, "status": {"phase": "Pending"}});
        let bound = json!({"spec": {"volumeName": "v"}, "status": {"phase": "Bound"}});
        assert_eq!(problem(Kind::PersistentVolumeClaim, &free, &bound), None);
        assert!(problem(Kind::PersistentVolumeClaim, &bound, &free).is_some());
    }

    #[test]
    fn a_volume_stays_where_it_is_and_may_be_retained() {
        let volume = |path: &str, policy: &str| json!({"spec": {"hostPath": {"path": path}, "persistentVolumeReclaimPolicy": policy}});
        assert_eq!(problem(Kind::PersistentVolume, &volume("/a", "Delete"), &volume("/a", "Retain")), None);
        assert!(problem(Kind::PersistentVolume, &volume("/a", "Retain"), &volume("/b", "Retain")).is_some());
    }

    #[test]
    fn selectors_role_references_and_types_stay() {
        let deployment = |label: &str| json!({"spec": {"selector": {"matchLabels": {"a": label}}}});
        let message = problem(Kind::Deployment, &deployment("x"), &deployment("y")).unwrap();
        assert!(message.ends_with("field is immutable"), "{message}");
        let binding = |role: &str| json!({"roleRef": {"name": role}});
        assert!(problem(Kind::RoleBinding, &binding("a"), &binding("b")).is_some());
        assert!(problem(Kind::Secret, &json!({"type": "Opaque"}), &json!({"type": "kubernetes.io/tls"})).is_some());
    }
}
