//! What [`DataFate::Delete`] deletes, and what it does not.

use cht_manifests::ObjectKey;
use serde_json::Value;

use super::*;
use crate::ClusterError;
use crate::events::{Failure, Kept, Remains};
use crate::sandbox::{Fault, Verb};

struct Deleted {
    objects: Vec<String>,
    kept: Vec<Kept>,
    remains: Vec<Remains>,
}

#[track_caller]
fn delete(sandbox: &Arc<Sandbox>) -> Deleted {
    let (_, outcome) = run(sandbox, with_data());
    match outcome.result {
        Ok(Success::DataDeleted { deleted, kept, remains }) => {
            Deleted { objects: deleted.iter().map(ToString::to_string).collect(), kept, remains }
        }
        other => panic!("{other:?}"),
    }
}

/// What is left in the namespace of kinds that hold data or say what there was of it, and every volume.
fn data_left(sandbox: &Sandbox) -> Vec<String> {
    let kinds = [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret, Kind::ConfigMap, Kind::Lease];
    let kinds = kinds.into_iter().flat_map(|kind| left(sandbox, kind));
    kinds.filter(|name| name != "kube-root-ca.crt").collect()
}

fn edit(sandbox: &Sandbox, kind: Kind, name: &str, edit: impl FnOnce(&mut Value)) {
    sandbox.update_as("somebody", &ObjectKey::new(kind, "county-a", name), edit).expect("edited");
}

#[test]
fn all_of_it_goes_with_its_disk_and_the_namespace_stays() {
    let sandbox = deployed();
    let volume = only(&sandbox, Kind::PersistentVolume);
    assert_eq!(volume.text("/spec/persistentVolumeReclaimPolicy"), Some("Retain"), "a deploy sees to that");
    let Deleted { objects: deleted, kept, remains } = delete(&sandbox);
    let volume = format!("PersistentVolume/{}", volume.name());
    assert_eq!(deleted, ["PersistentVolumeClaim/couchdb-claim0", &volume, "Secret/cht-couchdb-credentials"]);
    assert_eq!(kept.iter().map(|kept| kept.object.to_string()).collect::<Vec<_>>(), ["Namespace/county-a"]);
    assert_eq!(remains, []);
    assert_eq!(data_left(&sandbox), Vec::<String>::new());
    assert!(left(&sandbox, Kind::Namespace).contains(&"county-a".to_owned()));
    assert_eq!(left(&sandbox, Kind::Deployment), ["theirs"]);

    let again = delete(&sandbox);
    assert_eq!(again.objects, Vec::<String>::new());
}

#[test]
fn it_may_come_after_an_uninstall_that_kept_it() {
    let sandbox = deployed();
    run(&sandbox, UninstallOptions::default());
    assert_eq!(delete(&sandbox).objects.len(), 3);
    assert_eq!(data_left(&sandbox), Vec::<String>::new());
}

#[test]
fn it_takes_the_confirmation_of_this_instance() {
    let sandbox = deployed();
    let other = instance(K3D, &["namespace=elsewhere"]);
    let confirmed = Confirmed::typed(&other, "county-a").expect("its name");
    let before = sandbox.requests();
    let (_, outcome) =
        run(&sandbox, UninstallOptions { data: DataFate::Delete(confirmed), ..UninstallOptions::default() });
    assert!(matches!(outcome.result, Err(Failure::NotConfirmed(_))), "{outcome:?}");
    assert_eq!(sandbox.requests(), before);
}

#[test]
fn claims_of_others_stay_and_are_named() {
    let sandbox = deployed();
    let spec = json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } });
    let ours = json!({ "app.kubernetes.io/managed-by": "cht", "app.kubernetes.io/instance": "county-a" });
    for (name, labels) in [("theirs", json!({})), ("labelled-as-ours", ours)] {
        let metadata = json!({ "name": name, "namespace": "county-a", "labels": labels });
        let claim = json!({ "metadata": metadata, "spec": spec });
        block_on(sandbox.create(&LiveObject::new(Kind::PersistentVolumeClaim, claim))).expect("created");
    }
    let Deleted { kept, .. } = delete(&sandbox);
    let reasons: Vec<_> = kept.iter().map(|kept| format!("{}: {}", kept.object, kept.reason)).collect();
    let what = "it is not in the instance's inventory";
    assert_eq!(
        reasons[..2],
        [format!("PersistentVolumeClaim/labelled-as-ours: {what}"), format!("PersistentVolumeClaim/theirs: {what}"),]
    );
    assert_eq!(left(&sandbox, Kind::PersistentVolumeClaim), ["labelled-as-ours", "theirs"]);
}

#[test]
fn a_claim_that_has_taken_the_name_since_stays() {
    let sandbox = deployed();
    run(&sandbox, UninstallOptions::default());
    let claim = only(&sandbox, Kind::PersistentVolumeClaim);
    block_on(sandbox.delete(&claim.key(), claim.uid())).expect("deleted");
    block_on(sandbox.clock().sleep(std::time::Duration::from_secs(1)));
    let mut again = claim.value().clone();
    for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields", "annotations", "finalizers"] {
        again["metadata"].as_object_mut().expect("metadata").remove(field);
    }
    let again = LiveObject::new(Kind::PersistentVolumeClaim, again);
    let again = block_on(sandbox.create(&again)).expect("made anew");
    let Deleted { kept, .. } = delete(&sandbox);
    assert_eq!(kept[0].object, again.key());
    assert_eq!(kept[0].reason, "it is another object than the one that was deployed");
    assert_eq!(only(&sandbox, Kind::PersistentVolumeClaim).uid(), again.uid());
}

#[test]
fn a_volume_that_its_class_retains_stays_and_its_place_is_named() {
    let sandbox = deployed();
    // As an administrator has it, who owns the field from then on.
    let volume = only(&sandbox, Kind::PersistentVolume);
    edit(&sandbox, Kind::PersistentVolume, volume.name(), |volume| {
        volume["spec"]["persistentVolumeReclaimPolicy"] = json!("Recycle");
    });
    edit(&sandbox, Kind::PersistentVolume, volume.name(), |volume| {
        volume["spec"]["persistentVolumeReclaimPolicy"] = json!("Retain");
    });
    let Deleted { objects: deleted, kept, remains } = delete(&sandbox);
    assert!(!deleted.contains(&volume.key().to_string()), "{deleted:?}");
    assert_eq!(kept[0].reason, "its reclaim policy is Retain, and was not set by this tool");
    assert_eq!(remains[0].object, volume.key());
    assert!(remains[0].place.starts_with("folder /var/lib/rancher/k3s/storage/pvc-"), "{remains:?}");
    assert_eq!(only(&sandbox, Kind::PersistentVolume).uid(), volume.uid());
}

#[test]
fn who_may_not_change_volumes_deletes_no_claim() {
    let sandbox = deployed();
    let error = ClusterError::Forbidden { object: "PersistentVolume".to_owned(), message: "no".to_owned() };
    let kind = Some(Kind::PersistentVolume);
    sandbox.fail(Fault::Api { verb: Verb::Replace, kind, times: 1, error });
    let (_, outcome) = run(&sandbox, with_data());
    assert!(matches!(outcome.result, Err(Failure::Cluster(ClusterError::Forbidden { .. }))), "{outcome:?}");
    let claim = only(&sandbox, Kind::PersistentVolumeClaim);
    assert!(!claim.is_terminating());
    assert_eq!(left(&sandbox, Kind::Secret), ["cht-couchdb-credentials"]);
    assert_eq!(delete(&sandbox).objects.len(), 3);
}

#[test]
fn what_does_not_go_in_time_is_named_and_the_next_run_waits_on() {
    let sandbox = deployed();
    edit(&sandbox, Kind::PersistentVolumeClaim, "couchdb-claim0", |claim| {
        claim["metadata"]["finalizers"].as_array_mut().expect("a list").push(json!("backup.example.org/before"));
    });
    let (_, outcome) = run(&sandbox, with_data());
    let Err(Failure::StillThere(left_over)) = &outcome.result else { panic!("{outcome:?}") };
    assert_eq!(left_over.iter().map(ToString::to_string).collect::<Vec<_>>(), ["PersistentVolumeClaim/couchdb-claim0"]);
    assert_eq!(left(&sandbox, Kind::Secret), ["cht-couchdb-credentials"], "nothing after it was begun");
    edit(&sandbox, Kind::PersistentVolumeClaim, "couchdb-claim0", |claim| {
        claim["metadata"]["finalizers"]
            .as_array_mut()
            .expect("a list")
            .retain(|name| name != "backup.example.org/before");
    });
    assert_eq!(delete(&sandbox).objects.len(), 2, "the claim is gone already");
    assert_eq!(data_left(&sandbox), Vec::<String>::new());
}
