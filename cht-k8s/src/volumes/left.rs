//! Volumes that nothing uses any more, or not yet, and that are an instance's by their name, their labels, or the claim that
//! they were of.

use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolume};
use serde::Serialize;

use crate::labels::are_ours;
use crate::uninstall::place;

/// A volume that no claim has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftVolume {
    /// The volume.
    pub volume: String,
    /// `Released`, `Available`, `Failed`.
    pub phase: String,
    /// The storage class.
    pub class: Option<String>,
    /// The size.
    pub size: Option<String>,
    /// What becomes of it when its claim is deleted.
    pub reclaim_policy: Option<String>,
    /// Where the data is.
    pub place: Option<String>,
    /// The claim that it was of, or is kept for.
    pub claim: Option<String>,
    /// How its data can be had again.
    pub hint: String,
}

/// The volume, if no claim has it and it belongs to what is or was in the namespace. `has_claim` tells whether a claim of this
/// name and UID is there.
pub(super) fn left(
    volume: &PersistentVolume,
    (namespace, project): (&str, Option<&str>),
    has_claim: impl Fn(&str, &str) -> bool,
) -> Option<LeftVolume> {
    let spec = volume.spec.as_ref()?;
    let name = volume.metadata.name.clone()?;
    let of_namespace = |claim: &&ObjectReference| claim.namespace.as_deref() == Some(namespace);
    let claim = spec.claim_ref.as_ref();
    let labels = volume.metadata.labels.as_ref();
    let label = |key: &str| labels?.get(key).map(String::as_str);
    let is_ours = match claim {
        Some(claim) => of_namespace(&claim),
        None => is_named(&name, namespace) || project.is_some_and(|project| are_ours(label, project)),
    };
    let claim_name = claim.and_then(|claim| claim.name.clone());
    let uid = claim.and_then(|claim| claim.uid.clone());
    let is_taken = claim_name.as_deref().zip(uid.as_deref()).is_some_and(|(name, uid)| has_claim(name, uid));
    if !is_ours || is_taken {
        return None;
    }
    let phase =
        volume.status.as_ref().and_then(|status| status.phase.clone()).unwrap_or_else(|| "Available".to_owned());
    Some(LeftVolume {
        hint: hint(&name, claim_name.as_deref(), uid.is_some()),
        volume: name,
        phase,
        class: spec.storage_class_name.clone().filter(|class| !class.is_empty()),
        size: spec.capacity.as_ref().and_then(|capacity| Some(capacity.get("storage")?.0.clone())),
        reclaim_policy: spec.persistent_volume_reclaim_policy.clone(),
        place: place(spec),
        claim: claim_name,
    })
}

/// Whether a volume has a name that charts and this project give to those of a namespace.
fn is_named(volume: &str, namespace: &str) -> bool {
    let rest = volume.strip_prefix("couchdb-pv-").and_then(|rest| rest.strip_prefix(namespace));
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|number| number.parse::<u8>().is_ok())
    })
}

fn hint(volume: &str, claim: Option<&str>, is_released: bool) -> String {
    match (claim, is_released) {
        (Some(claim), true) => format!(
            "its claim {claim} is gone; to give it to the next claim of that name, class and size, before that is there: \
             kubectl patch persistentvolume {volume} --type json --patch '[{{\"op\":\"remove\",\"path\":\"/spec/claimRef/uid\"}}]'"
        ),
        (Some(claim), false) => format!("it is kept for a claim {claim}, and bound when there is one"),
        (None, _) => "it is free: a claim that names it, or one of its class and size, gets it".to_owned(),
    }
}
