//! `cht uninstall --delete-data`: what it takes, what it does, what it says.

use super::*;
use crate::support::{clinic, deploy, deployed_clinic, let_fail, snapshot, uninstall};
use cht_k8s::ClusterError;
use cht_k8s::sandbox::{Fault, Verb};
use cht_manifests::Kind;

#[test]
fn it_takes_the_projects_name() {
    let cht = deployed_clinic();
    let before = (data(&cht), version(&cht));
    for name in ["clinics", "CLINIC", "yes", "''"] {
        let ran = uninstall(&cht, &format!("--delete-data={name}")).expect(5);
        assert!(ran.stderr.contains("this instance is \"clinic\": nothing was changed"), "{ran}");
    }
    let _ = cht.run("uninstall --yes --sandbox -f values.yaml --delete-data").expect(2);
    assert_eq!((data(&cht), version(&cht)), before);
    // And nobody is asked here, so it takes both.
    let _ = cht.run("uninstall --sandbox -f values.yaml --delete-data clinic").expect(2);
    assert_eq!((data(&cht), version(&cht)), before);
}

#[test]
fn yes_alone_deletes_nothing() {
    let cht = deployed_clinic();
    let before = data(&cht);
    for _ in 0..2 {
        let _ = uninstall(&cht, "").expect(0);
        assert_eq!(data(&cht), before);
    }
}

#[test]
fn a_provisioned_volume_goes_with_its_disk() {
    let cht = deployed_clinic();
    let ran = uninstall(&cht, "--delete-data clinic").expect(0);
    snapshot("delete_data", &ran);
    assert_eq!(
        data(&cht).iter().map(|one| one.0.as_str()).collect::<Vec<_>>(),
        ["\"Namespace\" \"clinic\"", "\"Namespace\" \"default\"", "\"Namespace\" \"kube-system\""]
    );
    assert!(objects(&cht, "Lease").is_empty());
    let names: Vec<_> = objects(&cht, "ConfigMap").iter().map(|one| one["metadata"]["name"].clone()).collect();
    assert!(names.iter().all(|name| name == "kube-root-ca.crt"), "{names:?}");
    snapshot("delete_data_again", &uninstall(&cht, "--delete-data clinic --quiet").expect(0));
    // Nothing of it is in the way of a new instance, of whatever shape.
    let _ = deploy(&cht, &format!("{THREE_NODES} --set couchdb.password=new")).expect(0);
}

#[test]
fn a_given_disk_is_named_and_left() {
    let cht = deployed(VALUES, ON_DISK);
    let ran = uninstall(&cht, &format!("{ON_DISK} -o json --delete-data clinic")).expect(0);
    let json = ran.json();
    assert_eq!(json["outcome"], "data-deleted");
    assert_eq!(json["remains"][0]["place"], "folder /srv/couchdb1 of node alpha");
    assert!(objects(&cht, "PersistentVolume").is_empty() && objects(&cht, "PersistentVolumeClaim").is_empty());
    // The disk may be used again.
    let _ = deploy(&cht, ON_DISK).expect(0);
    let text = uninstall(&cht, &format!("{ON_DISK} --quiet --delete-data clinic")).expect(0);
    snapshot("delete_data_disk", &text);
}

#[test]
fn one_that_fails_on_the_way_is_completed_by_the_next() {
    for (verb, kind) in [
        (Verb::Delete, Kind::Deployment),
        (Verb::Replace, Kind::PersistentVolume),
        (Verb::Delete, Kind::PersistentVolumeClaim),
        (Verb::Delete, Kind::Secret),
        (Verb::Delete, Kind::ConfigMap),
        (Verb::Delete, Kind::Lease),
    ] {
        let cht = deployed_clinic();
        let error = ClusterError::Forbidden { object: kind.to_string(), message: "no".to_owned() };
        let_fail(&cht, &[Fault::Api { verb, kind: Some(kind), times: 1, error }]);
        let _ = uninstall(&cht, "--delete-data clinic").expect(4);
        let_fail(&cht, &[]);
        let _ = uninstall(&cht, "--delete-data clinic").expect(0);
        assert_eq!(data(&cht).len(), 3, "{kind}: only namespaces are left");
        assert!(objects(&cht, "Lease").is_empty(), "{kind}");
    }
}

#[test]
fn there_is_nothing_to_delete_where_nothing_was_deployed() {
    let cht = clinic();
    let ran = uninstall(&cht, "--delete-data clinic").expect(0);
    assert!(ran.stdout.contains("no data of it was there to delete\n"), "{ran}");
    assert!(objects(&cht, "Namespace").iter().all(|one| one["metadata"]["name"] != "clinic"));
}
