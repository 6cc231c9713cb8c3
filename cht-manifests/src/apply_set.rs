//! Membership in an `ApplySet` (Kubernetes KEP-3659): one object stands for the instance, and the others name it, so that
//! every tool can tell what belongs together.
//!
//! Objects that hold data, or hold it together, are no members: tools remove members that they do not know.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::{Kind, Object, ObjectKey};

/// The label of members.
pub(crate) const PART_OF: &str = "applyset.kubernetes.io/part-of";

/// The identity of the set whose parent is this object.
pub(crate) fn id(parent: &ObjectKey) -> String {
    let namespace = parent.namespace.as_deref().unwrap_or_default();
    let name = format!("{}.{namespace}.{}.{}", parent.name, parent.kind, parent.kind.group());
    format!("applyset-{}-v1", URL_SAFE_NO_PAD.encode(Sha256::digest(name.as_bytes())))
}

/// The labels of the object that stands for the set.
pub fn apply_set_labels(parent: &ObjectKey) -> BTreeMap<String, String> {
    BTreeMap::from([("applyset.kubernetes.io/id".to_owned(), id(parent))])
}

/// The annotations of the object that stands for the set: whose it is, so that other tools leave it alone, and of which
/// kinds its members are.
pub fn apply_set_annotations() -> BTreeMap<String, String> {
    let group_kinds = Object::KINDS.into_iter().filter(|kind| is_member(*kind)).map(|kind| match kind.group() {
        "" => kind.as_str().to_owned(),
        group => format!("{kind}.{group}"),
    });
    let mut group_kinds: Vec<_> = group_kinds.collect();
    group_kinds.sort();
    BTreeMap::from([
        ("applyset.kubernetes.io/tooling".to_owned(), concat!("cht/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("applyset.kubernetes.io/contains-group-kinds".to_owned(), group_kinds.join(",")),
    ])
}

/// Whether objects of a kind name the set that they are part of.
pub(crate) fn is_member(kind: Kind) -> bool {
    !kind.holds_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_follows_from_the_parent() {
        let parent = ObjectKey::new(Kind::ConfigMap, "county-a", "cht.county-a");
        let id = id(&parent);
        // Nine characters before the digest, three after it: a label's value has 63 at most.
        assert_eq!(id.len(), 55, "{id}");
        assert_ne!(id, super::id(&ObjectKey::new(Kind::ConfigMap, "county-b", "cht.county-a")));
    }

    #[test]
    fn what_holds_data_is_no_member() {
        let kinds = &apply_set_annotations()["applyset.kubernetes.io/contains-group-kinds"];
        assert_eq!(
            kinds,
            "BackendConfig.cloud.google.com,ConfigMap,Deployment.apps,FrontendConfig.networking.gke.io,\
             Ingress.networking.k8s.io,Job.batch,NetworkPolicy.networking.k8s.io,PodDisruptionBudget.policy,\
             Role.rbac.authorization.k8s.io,RoleBinding.rbac.authorization.k8s.io,Service,ServiceAccount"
        );
    }
}
