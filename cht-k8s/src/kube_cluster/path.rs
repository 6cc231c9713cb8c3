//! Where the API server serves a kind.

use cht_manifests::{Kind, ObjectKey};

/// The path of all objects of a kind, in a namespace or in the cluster.
pub(super) fn collection(kind: Kind, namespace: Option<&str>) -> String {
    let root = match kind.group() {
        "" => format!("/api/{}", kind.version()),
        group => format!("/apis/{group}/{}", kind.version()),
    };
    match namespace {
        Some(namespace) if kind.is_namespaced() => format!("{root}/namespaces/{namespace}/{}", kind.plural()),
        _ => format!("{root}/{}", kind.plural()),
    }
}

/// The path of one object. Names of these kinds need no encoding in a URL.
pub(super) fn object(key: &ObjectKey) -> String {
    format!("{}/{}", collection(key.kind, key.namespace.as_deref()), key.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_api() {
        assert_eq!(object(&ObjectKey::new(Kind::Service, "ns", "api")), "/api/v1/namespaces/ns/services/api");
        assert_eq!(
            object(&ObjectKey::new(Kind::Deployment, "ns", "cht-api")),
            "/apis/apps/v1/namespaces/ns/deployments/cht-api"
        );
        assert_eq!(object(&ObjectKey::new(Kind::Namespace, "", "ns")), "/api/v1/namespaces/ns");
        assert_eq!(collection(Kind::PersistentVolume, Some("ns")), "/api/v1/persistentvolumes");
    }
}
