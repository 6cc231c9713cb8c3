//! Plays the provisioner: a volume for each claim that waits for one, and the end of volumes that are released.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, ObjectReference, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec,
};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{DeleteParams, ObjectMeta, PostParams};
use kube::{Api, Client, Error, ResourceExt as _};

use super::script::{Binding, Script};
use crate::cluster::OWNER_LABEL;

/// What the classes that the player makes name as their provisioner.
pub(super) const PROVISIONER: &str = "cht.test/player";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

/// Whether it is the player's turn to make a volume for this claim.
pub(super) fn is_wanted(claim: &PersistentVolumeClaim, script: &Script) -> bool {
    let Some(spec) = &claim.spec else { return false };
    let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
    if spec.volume_name.is_some() || phase.is_some_and(|phase| phase != "Pending") {
        return false;
    }
    match spec.storage_class_name.as_deref().and_then(|class| script.binding(class)) {
        Some(Binding::Immediate) => true,
        Some(Binding::WaitForFirstConsumer) => claim.annotations().contains_key(SELECTED_NODE),
        None => false,
    }
}

/// Makes the claim's volume, and returns its name. What fails is tried again when the claim changes.
pub(super) async fn provision(client: Client, claim: &PersistentVolumeClaim) -> Option<String> {
    let policy = reclaim_policy(client.clone(), claim).await;
    let volume = volume(claim, policy);
    let name = volume.name_any();
    match Api::all(client).create(&PostParams::default(), &volume).await {
        Ok(_) => Some(name),
        Err(Error::Api(status)) if status.is_already_exists() => Some(name),
        Err(_) => None,
    }
}

/// A class that does not exist has a provisioner's usual policy.
async fn reclaim_policy(client: Client, claim: &PersistentVolumeClaim) -> String {
    let class = claim.spec.as_ref().and_then(|spec| spec.storage_class_name.as_deref()).unwrap_or_default();
    let class = Api::<StorageClass>::all(client).get_opt(class).await.ok().flatten();
    class.and_then(|class| class.reclaim_policy).unwrap_or_else(|| "Delete".to_owned())
}

fn volume(claim: &PersistentVolumeClaim, policy: String) -> PersistentVolume {
    let namespace = claim.namespace().unwrap_or_default();
    let uid = claim.uid().unwrap_or_default();
    let spec = claim.spec.clone().unwrap_or_default();
    PersistentVolume {
        metadata: ObjectMeta {
            name: Some(format!("pvc-{uid}")),
            labels: Some([(OWNER_LABEL.to_owned(), namespace.clone())].into()),
            annotations: Some([(PROVISIONED_BY.to_owned(), PROVISIONER.to_owned())].into()),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            access_modes: spec.access_modes,
            capacity: spec.resources.and_then(|resources| resources.requests),
            claim_ref: Some(ObjectReference {
                api_version: Some("v1".to_owned()),
                kind: Some("PersistentVolumeClaim".to_owned()),
                namespace: Some(namespace),
                name: Some(claim.name_any()),
                uid: Some(uid.clone()),
                ..ObjectReference::default()
            }),
            // A real kubelet makes it; a played one never looks.
            host_path: Some(HostPathVolumeSource {
                path: format!("/var/lib/cht-test/{uid}"),
                type_: Some("DirectoryOrCreate".to_owned()),
            }),
            persistent_volume_reclaim_policy: Some(policy),
            storage_class_name: spec.storage_class_name,
            volume_mode: spec.volume_mode,
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    }
}

/// Deletes a volume that the player made, when its claim is gone and its policy says so.
pub(super) async fn reclaim(client: Client, volume: PersistentVolume) {
    drop(Api::<PersistentVolume>::all(client).delete(&volume.name_any(), &DeleteParams::default()).await);
}

/// Whether a volume of the player's is to be deleted now.
pub(super) fn is_reclaimable(volume: &PersistentVolume) -> bool {
    let phase = volume.status.as_ref().and_then(|status| status.phase.as_deref());
    let policy = volume.spec.as_ref().and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref());
    let made_here = volume.annotations().get(PROVISIONED_BY).is_some_and(|by| by == PROVISIONER);
    made_here && phase == Some("Released") && policy == Some("Delete")
}

/// A storage class that only the player serves.
pub(super) fn storage_class(name: &str, namespace: &str, binding: Binding) -> StorageClass {
    let mode = match binding {
        Binding::Immediate => "Immediate",
        Binding::WaitForFirstConsumer => "WaitForFirstConsumer",
    };
    StorageClass {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(BTreeMap::from([(OWNER_LABEL.to_owned(), namespace.to_owned())])),
            ..ObjectMeta::default()
        },
        provisioner: PROVISIONER.to_owned(),
        volume_binding_mode: Some(mode.to_owned()),
        reclaim_policy: Some("Delete".to_owned()),
        ..StorageClass::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::PersistentVolumeClaim;
    use serde_json::{Value, json};

    use super::is_wanted;
    use crate::player::script::{Binding, Script};

    fn claim(annotations: &Value, spec: &Value) -> PersistentVolumeClaim {
        let metadata = json!({"name": "c", "namespace": "ns", "uid": "u", "annotations": annotations});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}})).unwrap()
    }

    #[test]
    fn claims_of_the_named_classes_are_wanted_when_it_is_time() {
        let script =
            Script::ready_after(Duration::ZERO).provision("now").provision_when("later", Binding::WaitForFirstConsumer);
        assert!(is_wanted(&claim(&json!({}), &json!({"storageClassName": "now"})), &script));
        assert!(!is_wanted(&claim(&json!({}), &json!({"storageClassName": "now", "volumeName": "pv"})), &script));
        assert!(!is_wanted(&claim(&json!({}), &json!({"storageClassName": "other"})), &script));
        assert!(!is_wanted(&claim(&json!({}), &json!({})), &script));
        assert!(!is_wanted(&claim(&json!({}), &json!({"storageClassName": "later"})), &script));
        let chosen = json!({"volume.kubernetes.io/selected-node": "n"});
        assert!(is_wanted(&claim(&chosen, &json!({"storageClassName": "later"})), &script));
    }
}
