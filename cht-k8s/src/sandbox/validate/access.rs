//! Roles and who has them.

use serde_json::Value;

use super::Problems;
use crate::sandbox::json::items;

pub(super) fn role(object: &Value, problems: &mut Problems) {
    for (number, rule) in items(object, "/rules").iter().enumerate() {
        let field = format!("rules[{number}]");
        if items(rule, "/verbs").is_empty() {
            problems.add(&format!("{field}.verbs"), "Required value: verbs must contain at least one value");
        }
        if items(rule, "/apiGroups").is_empty() {
            let problem = "Required value: resource rules must supply at least one api group";
            problems.add(&format!("{field}.apiGroups"), problem);
        }
        if items(rule, "/resources").is_empty() {
            let problem = "Required value: resource rules must supply at least one resource";
            problems.add(&format!("{field}.resources"), problem);
        }
    }
}

pub(super) fn role_binding(object: &Value, problems: &mut Problems) {
    problems.require(object, "/roleRef/name", "roleRef.name");
    problems.must_be_one_of(object, "/roleRef/kind", "roleRef.kind", &["Role", "ClusterRole"]);
    for (number, subject) in items(object, "/subjects").iter().enumerate() {
        let field = format!("subjects[{number}]");
        let kinds = ["ServiceAccount", "User", "Group"];
        problems.must_be_one_of(subject, "/kind", &format!("{field}.kind"), &kinds);
        problems.require(subject, "/name", &format!("{field}.name"));
        let groups = if subject["kind"] == "ServiceAccount" { "" } else { "rbac.authorization.k8s.io" };
        problems.one_of(subject, "/apiGroup", &format!("{field}.apiGroup"), &[groups]);
    }
}
