use cht_manifests::manifests;
use serde_json::{Value, json};

use super::*;
use crate::ClusterError;
use crate::doctor::Verdict;
use crate::doctor::testing::{K3S, decode};
use crate::health::testing::{instance, with};

/// A class that does all that one may wish for.
fn class(name: &str, rest: &Value) -> StorageClass {
    let plain = json!({
        "metadata": { "name": name },
        "provisioner": "example.org/disks",
        "reclaimPolicy": "Retain",
        "allowVolumeExpansion": true,
        "volumeBindingMode": "WaitForFirstConsumer",
    });
    decode(with(plain, rest))
}

fn refused() -> ClusterError {
    ClusterError::Forbidden { object: "StorageClass".to_owned(), message: "no".to_owned() }
}

#[test]
fn the_class_of_the_claims_has_to_be_there() {
    let as_default = json!({ "metadata": { "annotations": { DEFAULT: "true" } } });
    let existing = "couchdb_data.preExistingDataAvailable=true";
    for (set, there, verdict, says) in [
        (&["couchdb.storage_class=fast"][..], Ok(vec![class("fast", &json!({}))]), Verdict::Ok, "fast"),
        (
            &["couchdb.storage_class=fast"],
            Ok(vec![class("slow", &as_default)]),
            Verdict::Fatal,
            "no storage class fast; it has slow",
        ),
        (&["couchdb.storage_class=fast"], Ok(Vec::new()), Verdict::Fatal, "it has none"),
        (&["couchdb.storage_class=fast"], Err(refused()), Verdict::Unknown, "refused"),
        (
            &[existing, "local_storage.preExistingDiskPath-1=/srv/one"],
            Ok(Vec::new()),
            Verdict::Ok,
            "no class provisions",
        ),
    ] {
        let found = classes(&manifests(&instance(K3S, set)), &there);
        assert_eq!(found.verdict, verdict, "{found:?}");
        assert!(found.message.contains(says), "{found:?}");
    }
}

#[test]
fn a_claim_without_a_class_takes_the_default() {
    let spec = PersistentVolumeClaimSpec::default();
    let as_default = json!({ "metadata": { "annotations": { DEFAULT: "true" } } });
    let both = [class("slow", &json!({})), class("usual", &as_default)];
    assert_eq!(class_of(&spec, &both).map(name), Ok("usual"));
    let none = class_of(&spec, &both[..1]).expect_err("no default");
    assert!(none.message.contains("it has none: it has slow"), "{none:?}");
}

#[test]
fn what_a_class_does_is_weighed() {
    let wanted = manifests(&instance(K3S, &["couchdb.storage_class=fast"]));
    for (rest, check, verdict) in [
        (json!({}), Check::StorageReclaim, Verdict::Ok),
        (json!({ "reclaimPolicy": "Delete" }), Check::StorageReclaim, Verdict::Warning),
        (json!({ "reclaimPolicy": null }), Check::StorageReclaim, Verdict::Warning),
        (json!({}), Check::StorageExpansion, Verdict::Ok),
        (json!({ "allowVolumeExpansion": false }), Check::StorageExpansion, Verdict::Warning),
        (json!({ "allowVolumeExpansion": null }), Check::StorageExpansion, Verdict::Warning),
        (json!({}), Check::StorageBinding, Verdict::Ok),
        (json!({ "volumeBindingMode": "Immediate" }), Check::StorageBinding, Verdict::Warning),
        (json!({ "volumeBindingMode": null }), Check::StorageBinding, Verdict::Warning),
    ] {
        let all = properties(&wanted, &Ok(vec![class("fast", &rest)]));
        let found = all.iter().find(|finding| finding.check == check).expect("a finding");
        assert_eq!(found.verdict, verdict, "{rest}: {found:?}");
    }
}

fn volume(name: &str, policy: &str, rest: &Value) -> PersistentVolume {
    let plain = json!({ "metadata": { "name": name }, "spec": { "persistentVolumeReclaimPolicy": policy } });
    decode(with(plain, rest))
}

#[test]
fn volumes_have_to_outlive_their_claims() {
    let wanted = manifests(&instance(K3S, &[]));
    let claim = |name: &str, volume: &str| -> PersistentVolumeClaim {
        decode(json!({ "metadata": { "name": name }, "spec": { "volumeName": volume } }))
    };
    let claims = || Ok(vec![claim("couchdb-claim0", "pv-1"), claim("somebody-elses", "pv-2")]);
    let verdict = |volumes| retained(&wanted, &claims(), &volumes).map(|finding| finding.verdict);
    let others = || volume("pv-2", "Delete", &json!({}));
    assert_eq!(verdict(Ok(vec![volume("pv-1", "Retain", &json!({})), others()])), Some(Verdict::Ok));
    assert_eq!(verdict(Ok(vec![volume("pv-1", "Delete", &json!({})), others()])), Some(Verdict::Warning));
    assert_eq!(verdict(Ok(vec![others()])), None, "there is none yet");
    assert_eq!(verdict(Err(refused())), Some(Verdict::Unknown));
}

#[test]
fn two_instances_on_one_disk_are_fatal() {
    let set = [
        "couchdb_data.preExistingDataAvailable=true",
        "nodes.node-1=alpha",
        "local_storage.preExistingDiskPath-1=/srv/one",
    ];
    let wanted = manifests(&instance(K3S, &set));
    let on = |namespace: &str, path: &str, node: &str| {
        let host = json!([{ "key": "kubernetes.io/hostname", "operator": "In", "values": [node] }]);
        let rest = json!({ "spec": {
            "hostPath": { "path": path },
            "claimRef": { "namespace": namespace, "name": "couchdb-claim0" },
            "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": host }] } },
        } });
        volume("pv", "Retain", &rest)
    };
    for (volume, verdict) in [
        (on("other", "/srv/one", "alpha"), Verdict::Fatal),
        (on("other", "/srv/two", "alpha"), Verdict::Ok),
        (on("other", "/srv/one", "beta"), Verdict::Ok),
        (on("county-a", "/srv/one", "alpha"), Verdict::Ok),
    ] {
        let found = shared(&wanted, "county-a", &Ok(vec![volume]), &Ok(Vec::new())).expect("a finding");
        assert_eq!(found.verdict, verdict, "{found:?}");
    }
    let mount = json!([{ "name": "data", "mountPath": "/opt/couchdb/data" }]);
    let pod: Pod = decode(json!({
        "metadata": { "name": "pod", "namespace": "other" },
        "spec": {
            "containers": [{ "name": "couchdb", "volumeMounts": mount }],
            "volumes": [{ "name": "data", "hostPath": { "path": "/srv/one" } }],
        },
    }));
    let found = shared(&wanted, "county-a", &Ok(Vec::new()), &Ok(vec![pod])).expect("a finding");
    assert_eq!(found.verdict, Verdict::Fatal, "{found:?}");
    assert_eq!(shared(&manifests(&instance(K3S, &[])), "county-a", &Ok(Vec::new()), &Ok(Vec::new())), None);
}
