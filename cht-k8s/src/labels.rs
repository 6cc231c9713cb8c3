//! The labels that say which objects of a cluster are an instance's, and which of them are this project's own records.

use std::collections::BTreeMap;

use cht_manifests::{Kind, ObjectKey};

use crate::LiveObject;

const NAME: &str = "app.kubernetes.io/name";
const INSTANCE: &str = "app.kubernetes.io/instance";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const COMPONENT: &str = "app.kubernetes.io/component";

/// The annotation of nodes of a cluster that makes more of them when pods ask for one by name: the sandbox's.
pub(crate) const NODES_ON_DEMAND: &str = "sandbox.cht/nodes-on-demand";

/// The labels of a lock or record.
pub(crate) fn on_records(project: &str, component: &str) -> BTreeMap<String, String> {
    [(NAME, "cht"), (INSTANCE, project), (MANAGED_BY, "cht"), (COMPONENT, component)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Whether an object bears the labels that this project gives, with the instance's own name: only then was it put there
/// for it.
pub(crate) fn are_ours<'a>(label: impl Fn(&str) -> Option<&'a str>, project: &str) -> bool {
    label(MANAGED_BY) == Some("cht") && label(INSTANCE) == Some(project)
}

/// Whether a live object is a part of the instance, put there by this project.
pub(crate) fn is_ours(object: &LiveObject, project: &str) -> bool {
    are_ours(|label| object.label(label), project)
}

/// Whether an object is a lock or record of an instance, and no part of what it runs.
pub(crate) fn is_record(key: &ObjectKey, project: &str) -> bool {
    let of_project = key.name.strip_prefix("cht.").and_then(|rest| rest.strip_prefix(project));
    match (key.kind, of_project) {
        (Kind::ConfigMap, Some(rest)) => {
            rest.is_empty() || rest.strip_prefix(".r").is_some_and(|number| number.parse::<u32>().is_ok())
        }
        (Kind::Lease, Some(rest)) => rest.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_from_parts_of_the_instance() {
        let is_record = |kind, name| is_record(&ObjectKey::new(kind, "ns", name), "county-a");
        assert!(is_record(Kind::ConfigMap, "cht.county-a"));
        assert!(is_record(Kind::ConfigMap, "cht.county-a.r12"));
        assert!(is_record(Kind::Lease, "cht.county-a"));
        for name in ["couchdb-servers-configmap", "cht.county-a.rx", "cht.county-ab", "cht.county-a.r1.r2"] {
            assert!(!is_record(Kind::ConfigMap, name), "{name}");
        }
        assert!(!is_record(Kind::Secret, "cht.county-a"));
    }
}
