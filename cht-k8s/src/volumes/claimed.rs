//! A claim, with the volume that it is bound to.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use serde::Serialize;

use crate::ComponentName;
use crate::uninstall::place;

/// A claim, with the volume that it is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimedVolume {
    /// The claim.
    pub claim: String,
    /// `Bound`, `Pending`, `Lost`.
    pub phase: String,
    /// The storage class; none for a claim of no class.
    pub class: Option<String>,
    /// The size that is asked for.
    pub asked: Option<String>,
    /// The size that the volume has.
    pub size: Option<String>,
    /// The volume.
    pub volume: Option<String>,
    /// What becomes of the volume when its claim is deleted; none where volumes may not be seen.
    pub reclaim_policy: Option<String>,
    /// Where the data is, e.g. `folder /srv/couchdb of node alpha`.
    pub place: Option<String>,
    /// The pods that have it mounted.
    pub mounted_by: Vec<MountedBy>,
}

/// A pod that has a claim mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MountedBy {
    /// The pod.
    pub pod: String,
    /// What it is of.
    pub component: Option<ComponentName>,
    /// The node that it is on.
    pub node: Option<String>,
}

/// A claim, with its volume where volumes may be seen, and the pods of its namespace that have it mounted.
pub(crate) fn claimed(claim: &PersistentVolumeClaim, volumes: &[PersistentVolume], pods: &[&Pod]) -> ClaimedVolume {
    let name = claim.metadata.name.clone().unwrap_or_default();
    let (spec, status) = (claim.spec.clone().unwrap_or_default(), claim.status.clone().unwrap_or_default());
    let volume =
        volumes.iter().find(|volume| volume.metadata.name == spec.volume_name).filter(|_| spec.volume_name.is_some());
    let volume_spec = volume.and_then(|volume| volume.spec.as_ref());
    let asked = spec.resources.and_then(|resources| Some(resources.requests?.get("storage")?.0.clone()));
    ClaimedVolume {
        phase: status.phase.unwrap_or_else(|| "Pending".to_owned()),
        class: spec.storage_class_name.filter(|class| !class.is_empty()),
        asked,
        size: status.capacity.and_then(|capacity| Some(capacity.get("storage")?.0.clone())),
        volume: spec.volume_name,
        reclaim_policy: volume_spec.and_then(|spec| spec.persistent_volume_reclaim_policy.clone()),
        place: volume_spec.and_then(place),
        mounted_by: pods.iter().filter(|pod| mounts(pod, &name)).map(|pod| MountedBy::of(pod)).collect(),
        claim: name,
    }
}

/// Whether a pod that is not over mounts a claim.
fn mounts(pod: &Pod, claim: &str) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    let mut claims = volumes.filter_map(|volume| volume.persistent_volume_claim.as_ref());
    !matches!(phase, Some("Failed" | "Succeeded")) && claims.any(|source| source.claim_name == claim)
}

impl MountedBy {
    fn of(pod: &Pod) -> Self {
        Self {
            pod: pod.metadata.name.clone().unwrap_or_default(),
            component: ComponentName::of_pod(pod),
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
        }
    }
}
