use cht_manifests::{Manifest, manifests};
use cht_model::CredentialsSecret;
use serde_json::json;

use super::*;
use crate::health::testing::{instance, with};

const SINGLE: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: remote
couchdb:
  user: medic
  password: first-password
  secret: first-secret
  uuid: 4a7d1ed4-0000-4000-8000-000000000001
  couchdb_node_storage_size: 10Gi
couchdb_data:
  dataPathOnDiskForCouchDB: data
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
local_storage:
  preExistingDiskPath-1: /srv/couchdb1
  preExistingDiskPath-2: /srv/couchdb2
  preExistingDiskPath-3: /srv/couchdb3
ingress: {host: cht.example.org}
";
const CLUSTER: [&str; 2] = ["couchdb.clusteredCouchEnabled=true", "clusteredCouch.noOfCouchDBNodes=3"];
const EXISTING: &str = "couchdb_data.preExistingDataAvailable=true";

/// An object as the cluster holds it; claims are bound.
fn live(manifest: &Manifest) -> LiveObject {
    let kind = manifest.object.kind();
    let mut value = manifest.object.to_value();
    if kind == Kind::PersistentVolumeClaim {
        value = with(value, &json!({ "status": { "phase": "Bound" } }));
        let volume = &mut value["spec"]["volumeName"];
        if volume.is_null() {
            *volume = json!(format!("pvc-of-{}", manifest.object.name()));
        }
    }
    LiveObject::new(kind, value)
}

/// What is there after an instance was deployed.
fn deployed(set: &[&str]) -> Vec<LiveObject> {
    manifests(&instance(SINGLE, set)).iter().map(live).collect()
}

/// What is left after it was uninstalled.
fn uninstalled(set: &[&str]) -> Vec<LiveObject> {
    deployed(set).into_iter().filter(|object| object.kind().holds_data()).collect()
}

fn risks_of(there: &[LiveObject], set: &[&str]) -> Vec<DataRisk> {
    let instance = instance(SINGLE, set);
    risks(&Wanted::of(&instance), &Observed::of(there.iter().cloned()), &Remembered::default())
}

/// The rules that a deploy would break, with the objects.
fn broken(there: &[LiveObject], set: &[&str]) -> Vec<(DataRule, String)> {
    risks_of(there, set).into_iter().map(|risk| (risk.rule, risk.object.name)).collect()
}

fn and<'a>(sets: &[&'a str], more: &'a str) -> Vec<&'a str> {
    [sets, &[more]].concat()
}

/// The objects, one of them with something else in it.
fn edited(objects: &[LiveObject], name: &str, edit: impl Fn(&mut Value)) -> Vec<LiveObject> {
    let mut found = false;
    let objects = objects.iter().map(|object| {
        let mut value = object.value().clone();
        if object.name() == name {
            found = true;
            edit(&mut value);
        }
        LiveObject::new(object.kind(), value)
    });
    let objects = objects.collect();
    assert!(found, "{name}");
    objects
}

#[test]
fn nothing_is_at_risk_where_there_is_nothing_or_the_same() {
    let variants: [&[&str]; 4] = [&[], &CLUSTER, &[EXISTING], &[CLUSTER[0], CLUSTER[1], EXISTING]];
    for set in variants {
        assert_eq!(broken(&[], set), [], "{set:?}");
        assert_eq!(broken(&deployed(set), set), [], "{set:?}");
        assert_eq!(broken(&uninstalled(set), set), [], "{set:?}");
    }
}

#[test]
fn a_single_node_does_not_become_a_cluster() {
    for there in [deployed(&[]), uninstalled(&[])] {
        assert_eq!(broken(&there, &CLUSTER), [(DataRule::Topology, "couchdb-claim0".to_owned())]);
    }
}

#[test]
fn a_cluster_does_not_become_a_single_node() {
    let each = [1, 2, 3].map(|number| (DataRule::Topology, format!("couchdb-{number}-claim0")));
    for there in [deployed(&CLUSTER), uninstalled(&CLUSTER)] {
        assert_eq!(broken(&there, &[]), each);
    }
}

#[test]
fn a_cluster_gains_nodes_and_loses_none() {
    let three = deployed(&CLUSTER);
    let two = [CLUSTER[0], "clusteredCouch.noOfCouchDBNodes=2"];
    assert_eq!(broken(&three, &two), [(DataRule::FewerNodes, "couchdb-3-claim0".to_owned())]);
    assert_eq!(broken(&uninstalled(&CLUSTER), &two), [(DataRule::FewerNodes, "couchdb-3-claim0".to_owned())]);
    assert_eq!(broken(&deployed(&two), &CLUSTER), []);
}

#[test]
fn a_node_without_a_claim_is_known_by_its_deployment() {
    let deployments: Vec<_> =
        deployed(&CLUSTER).into_iter().filter(|object| object.kind() == Kind::Deployment).collect();
    let each = [1, 2, 3].map(|number| (DataRule::Topology, format!("cht-couchdb-{number}")));
    assert_eq!(broken(&deployments, &[]), each);
}

#[test]
fn objects_with_similar_names_are_no_nodes() {
    for name in ["couchdb-claim1", "couchdb-x-claim0", "couchdbs-claim0", "my-couchdb-claim0", "couchdb--1-claim0"] {
        let claim = json!({ "metadata": { "name": name, "namespace": "county-a" } });
        assert_eq!(broken(&[LiveObject::new(Kind::PersistentVolumeClaim, claim)], &CLUSTER), [], "{name}");
    }
    let nouveau = json!({ "metadata": { "name": "cht-couchdb-nouveau", "namespace": "county-a" } });
    assert_eq!(broken(&[LiveObject::new(Kind::Deployment, nouveau)], &[]), []);
}

#[test]
fn couchdb_keeps_reading_its_folder() {
    let other = ["couchdb_data.dataPathOnDiskForCouchDB=storage/medic-core/couchdb/data"];
    let risks = risks_of(&deployed(&[]), &other);
    insta::assert_snapshot!(
        risks[0],
        @r#"Deployment/cht-couchdb: CouchDB's data lies in "data" on its volume; it would look in "storage/medic-core/couchdb/data" on its volume and start empty [data-path]"#
    );
    let nodes = [1, 2, 3].map(|number| (DataRule::DataPath, format!("cht-couchdb-{number}")));
    assert_eq!(broken(&deployed(&CLUSTER), &and(&CLUSTER, other[0])), nodes);
}

#[test]
fn a_folder_of_the_node_is_not_left_for_a_volume() {
    // As 4.x has it on a single k3s node.
    let on_host = edited(&deployed(&[]), "cht-couchdb", |deployment| {
        let volume = &mut deployment["spec"]["template"]["spec"]["volumes"][0];
        let name = volume["name"].take();
        *volume = json!({ "name": name, "hostPath": { "path": "/var/lib/couchdb1" } });
    });
    let risks = risks_of(&on_host, &[]);
    assert_eq!(risks.len(), 1);
    assert_eq!(risks[0].rule, DataRule::DataPath);
    assert!(risks[0].consequence.contains("/var/lib/couchdb1"), "{}", risks[0]);
}

fn pod_on(node: &str) -> LiveObject {
    let metadata = json!({ "name": "a", "namespace": "county-a", "labels": { "cht.service": "couchdb" } });
    LiveObject::new(Kind::Pod, json!({ "metadata": metadata, "spec": { "nodeName": node, "containers": [] } }))
}

#[test]
fn a_folder_is_kept_to_the_node_that_has_it() {
    const V4: &str = "chtversion=4.22.0";
    let elsewhere = [(DataRule::DataPath, "cht-couchdb".to_owned())];
    let on = |set: &[&str], node: &str| [deployed(set), vec![pod_on(node)]].concat();
    // Nothing has kept it there before: `nodes.node-1` is alpha from now on.
    assert_eq!(broken(&on(&[V4, "nodes.node-1="], "alpha"), &[V4]), []);
    assert_eq!(broken(&on(&[V4, "nodes.node-1="], "beta"), &[V4]), elsewhere);
    for set in [&[V4][..], &[EXISTING]] {
        assert_eq!(broken(&on(&[V4], "alpha"), set), [], "{set:?}");
        for node in ["nodes.node-1=beta", "nodes.node-1="] {
            assert_eq!(broken(&on(&[V4], "alpha"), &[set, &[node]].concat()), elsewhere, "{set:?} {node}");
        }
    }
}

#[test]
fn a_volume_is_made_over_the_folder_on_the_node_that_has_it() {
    // The charts pin no single node.
    let old = ["chtversion=4.22.0", "nodes.node-1="];
    // `nodes.node-1` is alpha.
    let on = |nodes: &[&str]| [deployed(&old), nodes.iter().map(|node| pod_on(node)).collect()].concat();
    assert_eq!(broken(&on(&["alpha"]), &[EXISTING]), []);
    let elsewhere = [(DataRule::DataPath, "cht-couchdb".to_owned())];
    assert_eq!(broken(&on(&["beta"]), &[EXISTING]), elsewhere);
    assert_eq!(broken(&on(&["alpha", "beta"]), &[EXISTING]), elsewhere);
    assert_eq!(broken(&on(&[]), &[EXISTING]), elsewhere, "nobody knows where it is");
    // Where no node is named, the pod goes where it may go now.
    let anywhere = [EXISTING, "nodes.node-1="];
    for nodes in [&["alpha"][..], &["beta"], &[]] {
        assert_eq!(broken(&on(nodes), &anywhere), [], "{nodes:?}");
    }
    assert_eq!(broken(&on(&["alpha"]), &[]), elsewhere, "a new volume is empty");
}

#[test]
fn a_bound_claim_keeps_its_class_and_its_volume() {
    let class = ["couchdb.storage_class=fast"];
    for there in [deployed(&[]), uninstalled(&[])] {
        let risks = risks_of(&there, &class);
        insta::allow_duplicates!(insta::assert_snapshot!(
            risks[0],
            @r#"PersistentVolumeClaim/couchdb-claim0: the claim holds volume pvc-of-couchdb-claim0 of class "local-path", and cannot be moved to any volume of class "fast": its data would stay behind [volume]"#
        ));
        assert_eq!(risks.len(), 1);
    }
    let moved = edited(&deployed(&[EXISTING]), "couchdb-claim0", |claim| {
        claim["spec"]["volumeName"] = json!("another");
    });
    assert_eq!(broken(&moved, &[EXISTING]), [(DataRule::Volume, "couchdb-claim0".to_owned())]);
}

#[test]
fn a_claim_that_waits_holds_nothing_yet() {
    let pending = |there: &[LiveObject]| {
        edited(there, "couchdb-claim0", |claim| {
            claim["status"]["phase"] = json!("Pending");
            claim["spec"]["volumeName"] = Value::Null;
        })
    };
    assert_eq!(broken(&pending(&deployed(&[EXISTING])), &[EXISTING]), [], "it takes a volume by name");

    let risks = risks_of(&pending(&deployed(&[])), &["couchdb.storage_class=fast"]);
    assert_eq!(risks[0].rule, DataRule::Volume);
    assert!(risks[0].consequence.ends_with("it holds no data yet, so delete it and deploy again"), "{}", risks[0]);
}

#[test]
fn a_claim_grows_and_does_not_shrink() {
    let size = |text| format!("couchdb.couchdb_node_storage_size={text}");
    for same_or_more in ["10Gi", "10240Mi", "11Gi", "1Ti"] {
        assert_eq!(broken(&deployed(&[]), &[&size(same_or_more)]), [], "{same_or_more}");
    }
    for there in [deployed(&[]), uninstalled(&[])] {
        let risks = risks_of(&there, &[&size("10G")]);
        insta::allow_duplicates!(insta::assert_snapshot!(
            risks[0],
            @"PersistentVolumeClaim/couchdb-claim0: the claim has 10Gi, and cannot shrink to 10G [claim-size]"
        ));
    }
}

#[test]
fn a_volume_stays_over_its_disk() {
    let elsewhere = [EXISTING, "local_storage.preExistingDiskPath-1=/srv/elsewhere"];
    for there in [deployed(&[EXISTING]), uninstalled(&[EXISTING])] {
        let risks: Vec<_> = risks_of(&there, &elsewhere);
        insta::allow_duplicates!(insta::assert_snapshot!(
            risks[0],
            @"PersistentVolume/couchdb-pv-county-a: the volume is over hostPath /srv/couchdb1, and cannot be moved to hostPath /srv/elsewhere: its data would stay behind [volume]"
        ));
        assert_eq!(risks.len(), 1);
    }
    let of_another_sort = edited(&deployed(&[EXISTING]), "couchdb-pv-county-a", |volume| {
        let spec = volume["spec"].as_object_mut().expect("a spec");
        spec.retain(|key, _| !DISKS.contains(&key.as_str()));
        spec.insert("csi".to_owned(), json!({ "driver": "ebs.csi.aws.com", "volumeHandle": "vol-1" }));
    });
    assert_eq!(broken(&of_another_sort, &[EXISTING]), [(DataRule::Volume, "couchdb-pv-county-a".to_owned())]);
}

#[test]
fn what_is_being_deleted_is_not_hastened() {
    for name in ["couchdb-claim0", "couchdb-pv-county-a"] {
        let leaving = edited(&deployed(&[EXISTING]), name, |object| {
            object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        });
        assert_eq!(broken(&leaving, &[EXISTING]), [(DataRule::Volume, name.to_owned())]);
    }
    let leaving = edited(&deployed(&[]), "cht-api", |object| {
        object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    });
    assert_eq!(broken(&leaving, &[]), [], "it is made again");
}

#[test]
fn credentials_stay_those_of_the_volume() {
    for there in [deployed(&[]), uninstalled(&[])] {
        let risks = risks_of(&there, &["couchdb.password=canary", "couchdb.user=admin"]);
        assert_eq!(risks.len(), 1);
        let shown = format!("{} {:?}", risks[0], risks[0]);
        assert!(shown.contains("couchdb.password, couchdb.user in the values"), "{shown}");
        for secret in ["canary", "first-password", "medic"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        for other in ["couchdb.secret=other", "couchdb.uuid=4a7d1ed4-0000-4000-8000-000000000009"] {
            assert_eq!(
                broken(&there, &[other]),
                [(DataRule::Credentials, CredentialsSecret::OWN.to_owned())],
                "{other}"
            );
        }
    }
}

#[test]
fn credentials_that_are_left_out_are_those_that_are_there() {
    let values = SINGLE.replace("  password: first-password\n", "");
    let instance = instance(&values, &[]);
    assert_eq!(risks(&Wanted::of(&instance), &Observed::of(deployed(&[])), &Remembered::default()), []);
}

#[test]
fn risks_are_in_the_order_of_the_rules() {
    let set =
        ["couchdb.password=other", "couchdb.couchdb_node_storage_size=1Gi", "couchdb_data.dataPathOnDiskForCouchDB=x"];
    let rules: Vec<_> = risks_of(&deployed(&[]), &set).into_iter().map(|risk| risk.rule).collect();
    assert_eq!(rules, [DataRule::DataPath, DataRule::ClaimSize, DataRule::Credentials]);
}

#[test]
fn rules_are_known_by_their_names() {
    for rule in DataRule::ALL {
        assert_eq!(rule.as_str().parse(), Ok(rule));
        // What Kubernetes refuses cannot be allowed.
        assert_eq!(rule.can_be_allowed(), !matches!(rule, DataRule::Volume | DataRule::ClaimSize));
    }
    insta::assert_snapshot!(
        "everything".parse::<DataRule>().expect_err("no rule"),
        @r#""everything" is no rule: there are topology, fewer-nodes, data-path, volume, claim-size, credentials, major-version"#
    );
}
