//! What the first CouchDB node keeps its data on, for each platform.

use std::collections::BTreeMap;

use cht_manifests::{Stage, manifests};
use serde_json::Value;

use crate::cases::{Case, Data, Nodes, On, Version};
use crate::rendered::Rendered;

/// The storage objects of the first node, and its pod's part in them, for each kind of volume.
fn storage(on: On, versions: &[Version]) -> BTreeMap<String, Vec<Value>> {
    let mut all = BTreeMap::new();
    for case in Case::all() {
        if case.on == on && versions.contains(&case.version) {
            all.insert(format!("{:?}, {:?}", case.nodes, case.data), first_node(case, &[]));
        }
    }
    all
}

fn first_node(case: Case, assignments: &[&str]) -> Vec<Value> {
    let manifests = manifests(&case.instance_with(assignments));
    let first = manifests.workloads()[0];
    let objects = manifests.iter().filter(|manifest| manifest.component == first);
    let storage = objects.clone().filter(|manifest| manifest.stage == Stage::Storage);
    let pod = objects.filter(|manifest| manifest.stage == Stage::CouchDb).map(|manifest| {
        let pod = &manifest.object.to_value()["spec"]["template"]["spec"];
        let mounts: Vec<_> = pod["containers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|container| container["volumeMounts"].clone())
            .collect();
        serde_json::json!({ "volumes": pod["volumes"], "nodeSelector": pod["nodeSelector"], "volumeMounts": mounts })
    });
    storage.map(|manifest| manifest.object.to_value()).chain(pod).collect()
}

#[test]
fn storage_of_4_x_on_k3s() {
    insta::assert_yaml_snapshot!(storage(On::K3s, &[Version::V4]));
}

#[test]
fn storage_of_4_x_on_vsphere() {
    let case = Case { version: Version::V4, on: On::K3s, nodes: Nodes::Three, data: Data::New };
    let vsphere = ["k3s_use_vSphere_storage_class=true", "vSphere.datastoreName=store", "vSphere.diskPath=disks"];
    insta::assert_yaml_snapshot!(first_node(case, &vsphere));
}

#[test]
fn storage_of_4_x_on_eks() {
    insta::assert_yaml_snapshot!(storage(On::Eks, &[Version::V4]));
}

#[test]
fn storage_of_5_x_on_k3s() {
    insta::assert_yaml_snapshot!(storage(On::K3s, &[Version::V53]));
}

#[test]
fn storage_of_5_x_on_eks() {
    insta::assert_yaml_snapshot!(storage(On::Eks, &[Version::V53]));
}

#[test]
fn storage_of_5_x_on_gke() {
    insta::assert_yaml_snapshot!(storage(On::Gke, &[Version::V53]));
}

#[test]
fn a_directory_job_tolerates_what_couchdb_does() {
    let case = Case { version: Version::V4, on: On::K3s, nodes: Nodes::Three, data: Data::New };
    let objects = first_node(case, &["toleration.key=dedicated", "toleration.effect=NoSchedule"]);
    let job = objects.iter().find(|object| object["kind"] == "Job").expect("a Job");
    assert_eq!(
        job["spec"]["template"]["spec"]["tolerations"],
        serde_json::json!([{ "key": "dedicated", "operator": "Equal", "effect": "NoSchedule" }])
    );
}

#[test]
fn a_folder_that_no_node_is_named_for_is_not_pinned() {
    let case = Case { version: Version::V53, on: On::K3s, nodes: Nodes::One, data: Data::Existing };
    let [pinned, free] = [&[][..], &["nodes.node-1=''"]].map(|assignments| first_node(case, assignments)[0].clone());
    assert_eq!(pinned["kind"], "PersistentVolume");
    assert!(pinned["spec"]["nodeAffinity"].is_object(), "{pinned}");
    assert!(free["spec"]["nodeAffinity"].is_null(), "{free}");
}

/// As of vSphere, where people name classes themselves.
#[test]
fn claims_are_provisioned_by_the_class_that_is_named() {
    for case in Case::all().into_iter().filter(|case| case.data == Data::New) {
        // 4.x on k3s provisions nothing, and says so.
        if (case.version, case.on) == (Version::V4, On::K3s) {
            continue;
        }
        let rendered = Rendered::of(&manifests(&case.instance_with(&["couchdb.storage_class=vmware-sc"])));
        let claims = rendered.all("PersistentVolumeClaim");
        assert!(!claims.is_empty(), "{case}");
        assert!(claims.iter().all(|claim| claim["spec"]["storageClassName"] == "vmware-sc"), "{case}");
    }
}
