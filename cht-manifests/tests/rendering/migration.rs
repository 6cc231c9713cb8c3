//! An instance of 5.x that is made by migrated values finds the data that its 4.x has.

use cht_manifests::{Manifests, Object, manifests};
use cht_model::{Layer, Migration, NoReferences, Values, migrate};
use serde_json::{Value, json};

use crate::cases::{Case, Data, Nodes, On, Version, instance};

fn migrated(old: &str, to: &str) -> Migration {
    let target = to.parse().expect("a target");
    let migration = migrate(&Layer::new("old.yaml", old), &target, "new.yaml", &NoReferences)
        .unwrap_or_else(|error| panic!("{error}\n{old}"));
    assert!(migration.problems.is_empty(), "{}\n{}", migration.problems, migration.text);
    migration
}

fn rendered(values: &str) -> Manifests {
    manifests(&instance(values, &[]))
}

fn spec<'a>(manifests: &'a Manifests, kind: &str) -> impl Iterator<Item = (String, Value)> + use<'a> {
    let kind = kind.to_owned();
    let objects = manifests.iter().map(|manifest| &manifest.object);
    objects
        .filter(move |object| format!("{:?}", object.kind()) == kind)
        .map(|object| (object.name().to_owned(), object.to_value()["spec"].clone()))
}

/// A folder of a Kubernetes node, mounted by a pod itself or through a claim: the path, and the node that the volume is on.
fn folder(manifests: &Manifests, volume: &Value) -> Option<(Value, Value)> {
    if let Some(path) = volume.pointer("/hostPath/path") {
        return Some((json!({ "folder": path }), Value::Null));
    }
    let claim = volume.pointer("/persistentVolumeClaim/claimName")?;
    let (_, claim) = spec(manifests, "PersistentVolumeClaim").find(|(name, _)| name == claim)?;
    let (_, volume) = spec(manifests, "PersistentVolume").find(|(name, _)| *name == claim["volumeName"])?;
    let path = volume.pointer("/hostPath/path")?;
    let node = volume.pointer("/nodeAffinity/required/nodeSelectorTerms/0/matchExpressions/0/values/0");
    Some((json!({ "folder": path }), node.cloned().unwrap_or_default()))
}

/// Where each CouchDB node's pod looks for data and settings, and on which machine it has to run.
fn places(manifests: &Manifests) -> Vec<Value> {
    let couchdb = spec(manifests, "Deployment").filter(|(name, _)| name.starts_with("cht-couchdb"));
    couchdb
        .map(|(name, spec)| {
            let pod = &spec["template"]["spec"];
            let container = &pod["containers"][0];
            let mount = |path: &str| {
                let mounts = container["volumeMounts"].as_array().expect("mounts");
                mounts.iter().find(|mount| mount["mountPath"] == path).expect("it is mounted").clone()
            };
            let data = mount("/opt/couchdb/data");
            let volumes = pod["volumes"].as_array().expect("volumes");
            let volume = volumes.iter().find(|volume| volume["name"] == data["name"]).expect("the volume is there");
            let (place, node_of_volume) = folder(manifests, volume).unwrap_or_else(|| (volume.clone(), Value::Null));
            // A pod goes where its volume is.
            let node = pod.pointer("/nodeSelector/kubernetes.io~1hostname").unwrap_or(&node_of_volume);
            json!({
                "name": name,
                "data": data["subPath"],
                "settings": mount("/opt/couchdb/etc/local.d")["subPath"],
                "node": node,
                "volume": place,
            })
        })
        .collect()
}

/// Claims and volumes that both have are the same; the new ones may be over a folder that had none.
#[track_caller]
fn assert_finds_data(old: &str, to: &str) {
    let migration = migrated(old, to);
    let (before, after) = (rendered(old), rendered(&migration.text));
    assert!(after.iter().any(|manifest| manifest.object.name().starts_with("nouveau")), "it is 5.x");
    assert_eq!(places(&before), places(&after), "{}", migration.text);
    for kind in ["PersistentVolumeClaim", "PersistentVolume"] {
        let (before, mut after): (Vec<_>, Vec<_>) = (spec(&before, kind).collect(), spec(&after, kind).collect());
        if before.is_empty() {
            continue;
        }
        for (name, volume) in &mut after {
            // The 4.x chart says of a cluster's EBS volumes that they are as large as their claims.
            let there = before.iter().find(|(found, _)| found == name).expect("no other volume is made");
            if volume.pointer("/csi/driver").is_some() {
                volume["capacity"] = there.1["capacity"].clone();
            }
        }
        assert_eq!(before, after, "{kind}\n{}", migration.text);
    }
}

/// 4.x on each platform, one node and a cluster, with and without existing data.
fn cases() -> impl Iterator<Item = Case> {
    Case::all().into_iter().filter(|case| case.version == Version::V4)
}

#[test]
fn every_instance_of_4_x_finds_its_data() {
    assert_eq!(cases().count(), 8);
    for case in cases() {
        for to in ["5.0", "5.2.1", "5.3"] {
            assert_finds_data(&case.values(), to);
        }
    }
}

#[test]
fn paths_on_the_volume_stay() {
    for case in cases() {
        for path in ["storage/medic-core/couchdb/data", "''", "couchdb%d/data"] {
            let key = "dataPathOnDiskForCouchDB: ";
            let old = case.values().replace(&format!("{key}data"), &format!("{key}{path}"));
            assert!(old.contains(path), "{old}");
            assert_finds_data(&old, "5.3");
        }
        let old = case.values().replace("  dataPathOnDiskForCouchDB: data\n", "");
        assert_finds_data(&old, "5.3");
    }
}

#[test]
fn disks_of_vsphere_stay() {
    for data in [Data::New, Data::Existing] {
        let case = Case { version: Version::V4, on: On::K3s, nodes: Nodes::Three, data };
        let vsphere = "k3s_use_vSphere_storage_class: 'true'\nvSphere: {datastoreName: store, diskPath: disks}\n";
        assert_finds_data(&format!("{}{vsphere}", case.values()), "5.3");
    }
}

#[test]
fn folders_that_nobody_named_stay() {
    let folders = "local_storage:
  preExistingDiskPath-1: /srv/couchdb1
  preExistingDiskPath-2: /srv/couchdb2
  preExistingDiskPath-3: /srv/couchdb3
";
    for data in [Data::New, Data::Existing] {
        let case = Case { version: Version::V4, on: On::K3s, nodes: Nodes::Three, data };
        let values = case.values();
        assert!(values.contains(folders), "{values}");
        for instead in ["", "local_storage:\n", "local_storage: {}\n", "local_storage: # none yet\n"] {
            assert_finds_data(&values.replace(folders, instead), "5.3");
        }
    }
}

#[test]
fn the_folder_that_the_chart_has_for_every_single_node_is_written_down() {
    let case = Case { version: Version::V4, on: On::K3s, nodes: Nodes::One, data: Data::New };
    let (before, _) =
        case.values().split_once("local_storage:\n").map(|(a, b)| (a.to_owned(), b.to_owned())).expect("folders");
    let old = format!("{before}ingress: {{host: cht.example.org}}\n");
    let refused = Values::load(&[Layer::new("old.yaml", old.as_str())]).expect("YAML").validate();
    assert!(refused.is_err(), "without the chart nothing says where the data lies");
    let places = places(&rendered(&migrated(&old, "5.3").text));
    assert_eq!(places[0]["volume"], json!({ "folder": "/var/lib/couchdb1" }));
}

#[test]
fn sizes_of_ebs_volumes_that_4_x_does_not_look_at_do_no_harm() {
    let case = Case { version: Version::V4, on: On::Eks, nodes: Nodes::Three, data: Data::Existing };
    for size in ["", "''", "1Gi", "<storage-size>", "100Gi"] {
        let key = "preExistingEBSVolumeSize: ";
        assert_finds_data(&case.values().replace(&format!("{key}100Gi"), &format!("{key}{size}")), "5.3");
    }
}

#[test]
fn credentials_stay() {
    for case in cases() {
        let secret = |manifests: &Manifests| {
            let mut secrets = manifests.iter().filter_map(|manifest| match &manifest.object {
                Object::Secret(secret) => secret.data.clone(),
                _ => None,
            });
            secrets.next().expect("the Secret")
        };
        let old = case.values();
        assert_eq!(secret(&rendered(&old)), secret(&rendered(&migrated(&old, "5.3").text)));
    }
}
