//! Where data lies: what a person has to look for when the objects that named it are gone.

use cht_manifests::{Manifests, Object, ObjectKey};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeSpec};

use crate::events::Remains;
use crate::plan::{host_path_of, node_of};

/// The place of a volume, where it is one that outlives the volume's object.
pub(crate) fn of_volume(object: ObjectKey, volume: &PersistentVolume) -> Option<Remains> {
    let place = place(volume.spec.as_ref()?)?;
    Some(Remains { object, place })
}

/// The places that manifests name: volumes over given disks, and folders of nodes.
pub(crate) fn of_manifests(manifests: &Manifests) -> Vec<Remains> {
    let place = |object: &Object| match object {
        Object::PersistentVolume(volume) => of_volume(object.key(), volume),
        Object::Deployment(deployment) => {
            let pod = deployment.spec.as_ref()?.template.spec.as_ref()?;
            let (path, node) = host_path_of(pod)?;
            Some(Remains { object: object.key(), place: folder(&path, node.as_deref()) })
        }
        _ => None,
    };
    manifests.iter().filter_map(|manifest| place(&manifest.object)).collect()
}

/// Where the data of a volume is, where it is a place that outlives the volume's object.
pub(crate) fn place(spec: &PersistentVolumeSpec) -> Option<String> {
    let node = node_of(spec);
    let node = node.as_deref();
    let disk = |what: &str, name: &str| Some(format!("{what} {name}"));
    if let Some(local) = &spec.local {
        Some(folder(&local.path, node))
    } else if let Some(host_path) = &spec.host_path {
        Some(folder(&host_path.path, node))
    } else if let Some(csi) = &spec.csi {
        match csi.driver.as_str() {
            "ebs.csi.aws.com" => disk("EBS volume", &csi.volume_handle),
            driver => Some(format!("disk {} of {driver}", csi.volume_handle)),
        }
    } else if let Some(ebs) = &spec.aws_elastic_block_store {
        disk("EBS volume", &ebs.volume_id)
    } else if let Some(disk) = &spec.gce_persistent_disk {
        Some(format!("persistent disk {} of Google Cloud", disk.pd_name))
    } else if let Some(disk) = &spec.vsphere_volume {
        Some(format!("vSphere disk {}", disk.volume_path))
    } else {
        spec.nfs.as_ref().map(|nfs| format!("NFS folder {}:{}", nfs.server, nfs.path))
    }
}

fn folder(path: &str, node: Option<&str>) -> String {
    match node {
        Some(node) => format!("folder {path} of node {node}"),
        None => format!("folder {path} of the node that CouchDB ran on"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn place_of(source: &Value) -> Option<String> {
        let volume: PersistentVolume = serde_json::from_value(json!({ "spec": source })).expect("a volume");
        place(&volume.spec.expect("a spec"))
    }

    #[test]
    fn every_source_that_is_made_here_has_a_place() {
        let affinity = json!({ "required": { "nodeSelectorTerms": [{ "matchExpressions": [
            { "key": "kubernetes.io/hostname", "operator": "In", "values": ["alpha"] },
        ] }] } });
        let cases = [
            (json!({ "local": { "path": "/srv/a" }, "nodeAffinity": affinity }), "folder /srv/a of node alpha"),
            (json!({ "hostPath": { "path": "/srv/a" }, "nodeAffinity": affinity }), "folder /srv/a of node alpha"),
            (json!({ "hostPath": { "path": "/srv/a" } }), "folder /srv/a of the node that CouchDB ran on"),
            (json!({ "csi": { "driver": "ebs.csi.aws.com", "volumeHandle": "vol-1" } }), "EBS volume vol-1"),
            (json!({ "csi": { "driver": "pd.csi.example", "volumeHandle": "d" } }), "disk d of pd.csi.example"),
            (json!({ "awsElasticBlockStore": { "volumeID": "vol-1" } }), "EBS volume vol-1"),
            (json!({ "gcePersistentDisk": { "pdName": "disk-1" } }), "persistent disk disk-1 of Google Cloud"),
            (json!({ "vsphereVolume": { "volumePath": "[ds] a.vmdk" } }), "vSphere disk [ds] a.vmdk"),
            (json!({ "nfs": { "server": "nas", "path": "/a" } }), "NFS folder nas:/a"),
        ];
        for (source, expected) in cases {
            assert_eq!(place_of(&source).as_deref(), Some(expected));
        }
    }
}
