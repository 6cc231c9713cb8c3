//! What keeps the data, in a person's words.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, PersistentVolumeSpec, VolumeNodeAffinity};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::model::Fact;

/// A claim: how much it asks for.
pub(super) fn of_claim(spec: &PersistentVolumeClaimSpec) -> Vec<Fact> {
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    storage(requests).into_iter().collect()
}

/// Where the disk comes from that a claim is given when no volume is made for it.
pub(super) fn provisioned(spec: &PersistentVolumeClaimSpec) -> Fact {
    match spec.storage_class_name.as_deref() {
        Some("") => Fact::new("a volume that is there"),
        Some(class) => Fact::new(format!("made by class {class}")),
        None => Fact::new("made by the default class"),
    }
}

/// A volume that the instance makes: over which disk, and on which node.
pub(super) fn of_volume(spec: &PersistentVolumeSpec) -> Vec<Fact> {
    let node = spec.node_affinity.as_ref().and_then(node).map(|node| Fact::new(format!("on {node}")));
    [Some(disk(spec)), node].into_iter().flatten().collect()
}

/// A folder of the node that a pod runs on.
pub(super) fn folder(path: &str) -> Fact {
    Fact::new(format!("folder {path}"))
}

fn disk(spec: &PersistentVolumeSpec) -> Fact {
    if let Some(local) = &spec.local {
        return Fact::new(format!("disk at {}", local.path));
    }
    if let Some(host) = &spec.host_path {
        return folder(&host.path);
    }
    if let Some(disk) = &spec.vsphere_volume {
        return Fact::new(format!("vSphere {}", disk.volume_path));
    }
    if let Some(disk) = &spec.gce_persistent_disk {
        return Fact::new(format!("GCE disk {}", disk.pd_name));
    }
    match &spec.csi {
        Some(disk) if disk.driver == "ebs.csi.aws.com" => Fact::new(format!("EBS {}", disk.volume_handle)),
        Some(disk) => Fact::new(format!("{} {}", disk.driver, disk.volume_handle)),
        None => Fact::new("a disk"),
    }
}

fn node(affinity: &VolumeNodeAffinity) -> Option<String> {
    let terms = &affinity.required.as_ref()?.node_selector_terms;
    let requirements = terms.iter().flat_map(|term| term.match_expressions.iter().flatten());
    let names: Vec<_> = requirements.flat_map(|one| one.values.iter().flatten()).map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn storage(quantities: Option<&BTreeMap<String, Quantity>>) -> Option<Fact> {
    quantities?.get("storage").map(|size| Fact::new(&size.0))
}
