//! The pods that an instance wants, as its objects describe them.

use cht_manifests::{Manifests, Object, ObjectKey};
use k8s_openapi::api::core::v1::PodSpec;

/// A sort of pod that an instance wants.
pub(super) struct WantedPod<'a> {
    /// What it belongs to.
    pub(super) owner: ObjectKey,
    pub(super) spec: &'a PodSpec,
    /// How many of them.
    pub(super) count: u64,
}

/// The pods that stay: those of Deployments.
pub(super) fn wanted(manifests: &Manifests) -> Vec<WantedPod<'_>> {
    let pods = manifests.iter().filter_map(|manifest| {
        let Object::Deployment(deployment) = &manifest.object else { return None };
        let spec = deployment.spec.as_ref()?;
        let count = spec.replicas.and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
        Some(WantedPod { owner: manifest.object.key(), spec: spec.template.spec.as_ref()?, count })
    });
    pods.collect()
}
