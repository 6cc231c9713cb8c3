//! What comes of old values.

use crate::fixture::{EKS, K3S, K3S_CLUSTER, migrated, shown};

#[test]
fn of_a_single_node_on_k3s() {
    insta::assert_snapshot!(shown(&migrated(K3S, "5.3")));
}

#[test]
fn of_a_cluster_on_k3s() {
    insta::assert_snapshot!(shown(&migrated(K3S_CLUSTER, "5.2.1")));
}

#[test]
fn of_a_cluster_on_vsphere() {
    let vsphere = "k3s_use_vSphere_storage_class: 'true'\nvSphere: {datastoreName: store, diskPath: disks}\n";
    insta::assert_snapshot!(shown(&migrated(&format!("{K3S_CLUSTER}{vsphere}"), "5.3")));
}

#[test]
fn of_a_cluster_on_eks() {
    insta::assert_snapshot!(shown(&migrated(EKS, "5.3.1")));
}

#[test]
fn of_a_cluster_with_provisioned_claims() {
    let old = EKS.replace("preExistingDataAvailable: true", "preExistingDataAvailable: false");
    let migration = migrated(&old, "5.3");
    assert!(!shown(&migration).contains("couchdb_data.preExistingDataAvailable:"), "{}", shown(&migration));
    assert!(migration.text.contains("preExistingDataAvailable: false"), "the claims live on by themselves");
}

#[test]
fn of_values_of_5_x() {
    let old = "\
namespace: county
chtversion: 5.0.1
release_line: 5.0
cluster_type: k3s-k3d
couchdb:
  clusteredCouchEnabled: 'true'
  couchdb_node_storage_size: 10Gi
";
    insta::assert_snapshot!(shown(&migrated(old, "5.3")));
}

#[test]
fn of_branches() {
    let branch = "chtversion: my-branch\nrelease_line: 4.x\ncht_image_tag: my-tag\n";
    insta::assert_snapshot!(shown(&migrated(&K3S_CLUSTER.replace("chtversion: 4.22.0\n", branch), "5.3")));
}

#[test]
fn what_the_tag_alone_says_is_said_by_it() {
    let old = K3S_CLUSTER.replace("chtversion: 4.22.0", "cht_image_tag: 4.22.0");
    let migration = migrated(&old, "5.3");
    assert!(migration.text.contains("cht_image_tag: 5.3.0") && !migration.text.contains("chtversion"));
    assert!(migration.is_valid());
}

#[test]
fn a_migration_of_the_result_changes_nothing() {
    for old in [K3S, K3S_CLUSTER, EKS] {
        for (to, again) in [("5.3", "5.3"), ("5.2.1", "5.2.1"), ("5.3.2", "5.3")] {
            let once = migrated(old, to);
            let twice = migrated(&once.text, again);
            assert_eq!((once.text, Vec::new()), (twice.text, twice.changes));
        }
    }
}

#[test]
fn step_by_step_is_the_same_as_at_once() {
    for old in [K3S, K3S_CLUSTER, EKS] {
        let steps = migrated(&migrated(old, "5.0").text, "5.3.1");
        assert_eq!(steps.text, migrated(old, "5.3.1").text);
    }
}

#[test]
fn what_is_left_to_decide_is_at_its_place_in_the_new_text() {
    let migration = migrated(&K3S.replace("  couchdb_node_storage_size: 10Gi\n", ""), "5.3");
    assert!(!migration.is_valid());
    let problems: Vec<_> = migration.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["new.yaml:13:1: couchdb.couchdb_node_storage_size is missing; expected a size, for example 100Gi"]
    );
    assert_eq!(migration.text.lines().nth(12), Some("couchdb:"));
}

#[test]
fn what_is_not_known_stays_with_a_warning() {
    let migration = migrated(&format!("{K3S_CLUSTER}replicas: 3 # ours\n"), "5.3");
    assert!(migration.text.contains("\nreplicas: 3 # ours\n"));
    assert_eq!((migration.is_valid(), migration.problems.len()), (true, 1));
}

#[test]
fn nothing_secret_is_in_changes_or_problems() {
    let migration = migrated(K3S, "5.3");
    let said = format!("{migration:?}");
    assert!(!said.contains("canary"), "{said}");
    for line in ["password: canary-password # nobody else knows", "secret: canary-secret", "uuid: canary-uuid"] {
        assert!(migration.text.contains(&format!("\n  {line}\n")), "{line}");
    }
}
