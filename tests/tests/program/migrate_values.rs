//! `cht migrate values`: what it writes, says and refuses, and that the instance which comes of it keeps its data.

use cht_tests::canary::Canaries;
use cht_tests::program::{Cht, workspace};
use serde_json::Value;

use crate::examples::with_examples;
use crate::support::{SANDBOX, credentials, objects, snapshot};

const OLD: &str = "\
namespace: clinic
chtversion: 4.22.0
cluster_type: k3s-k3d
couchdb:
  user: canary-user
  password: Canary%+=9_x~y
  secret: \"Kanari/+ =?8:@.z\" # ours
  uuid: canarino~_-.7
  clusteredCouch_enabled: 'false'
  couchdb_node_storage_size: 10Gi
local_storage:
  preExistingDiskPath-1: /srv/couchdb
ingress:
  host: cht.example.org
";

fn canaries() -> Canaries {
    Canaries::of(&["canary-user", "Canary%+=9_x~y", "Kanari/+ =?8:@.z", "canarino~_-.7"])
}

fn old() -> Cht {
    let cht = Cht::new();
    cht.write("old.yaml", OLD);
    cht
}

#[test]
fn the_new_values_are_on_standard_output_and_nothing_else_is() {
    let cht = old();
    let ran = cht.run("migrate values old.yaml --to 5.3").expect(0);
    snapshot("migrate_values", &ran);
    assert_eq!(canaries().seen_in(&ran.stderr), Vec::<&str>::new());
    cht.write("new.yaml", &ran.stdout);
    let again = cht.run("migrate values new.yaml --to 5.3").expect(0);
    assert_eq!(again.stdout, ran.stdout);
    assert_eq!(again.stderr, "nothing has to change; the new values are valid\n");
}

#[test]
fn what_helm_prints_comes_through_standard_input() {
    let cht = Cht::new();
    let ran = cht.run_with_input("migrate values - --to 5.3.0", &format!("USER-SUPPLIED VALUES:\n{OLD}")).expect(0);
    assert_eq!(ran.stdout, old().run("migrate values old.yaml --to 5.3").expect(0).stdout);
    assert!(ran.stderr.starts_with("standard input:3: chtversion: 4.22.0 -> 5.3.0\n"), "{ran}");
}

#[test]
fn a_file_is_made_and_never_written_over() {
    let cht = old();
    let expected = cht.run("migrate values old.yaml --to 5.3").expect(0).stdout;
    let ran = canaries().assert_unseen(cht.run("migrate values old.yaml --to 5.3 --out new.yaml")).expect(0);
    assert_eq!((ran.stdout.as_str(), cht.read("new.yaml")), ("", expected.clone()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(cht.folder().join("new.yaml")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds passwords");
    }
    for out in ["new.yaml", "old.yaml"] {
        let before = cht.read(out);
        let ran = cht.run(&format!("migrate values old.yaml --to 5.3 --out {out}")).expect(2);
        assert_eq!(ran.stderr, format!("error: {out} is there already, and is not written over\n"));
        assert_eq!((ran.stdout.as_str(), cht.read(out)), ("", before));
    }
    let _ = cht.run("migrate values old.yaml --to 5.3 --out no/such/folder/new.yaml").expect(2);
}

#[test]
fn programs_get_a_report() {
    let cht = old();
    let ran = canaries().assert_unseen(cht.run("migrate values old.yaml --to 5.3 --out new.yaml -o json")).expect(0);
    assert_eq!(ran.stderr, "");
    snapshot("json_migrate_values", &ran.stdout);
    let refused = cht.run("migrate values old.yaml --to 5.3 -o json").expect(2);
    assert!(refused.stderr.contains("--out <FILE>"), "standard output cannot hold both: {refused}");
}

#[test]
fn what_is_refused_leaves_nothing() {
    let cht = old();
    let change = |from: &str, to: &str| cht.write("other.yaml", OLD.replace(from, to));
    for (name, (from, to), target) in [
        ("too_old", ("4.22.0", "4.4.1"), "5.3"),
        ("backwards", ("4.22.0", "5.3.0"), "5.2"),
        ("no_instance", ("  host: cht.example.org\n", ""), "5.3"),
        ("anchor", ("chtversion: 4.22.0", "chtversion: &v 4.22.0\nours: *v"), "5.3"),
    ] {
        change(from, to);
        let command = format!("migrate values other.yaml --to {target}");
        let ran = canaries().assert_unseen(cht.run(&command)).expect(2);
        assert_eq!(ran.stdout, "", "{name}");
        snapshot(&format!("migrate_values_{name}"), &ran.stderr);
        let json = canaries().assert_unseen(cht.run(&format!("{command} --out new.yaml -o json"))).expect(2).json();
        assert_eq!((&json["exit_code"], &json["outcome"]), (&2.into(), &"refused".into()));
        assert!(!cht.files().iter().any(|file| file == "new.yaml"), "{name}");
    }
    for target in ["4.22.0", "5", "6.0.0", "newest"] {
        let ran = cht.run(&format!("migrate values old.yaml --to {target}")).expect(2);
        assert!(ran.stderr.contains("is no release of CHT 5: write a version"), "{ran}");
    }
    let ran = cht.run("migrate values nowhere.yaml --to 5.3").expect(2);
    assert_eq!(ran.stderr, "error: nowhere.yaml cannot be read: No such file or directory (os error 2)\n");
}

#[test]
fn values_that_helm_was_given_alone_may_lack_what_the_chart_adds() {
    let text = format!("USER-SUPPLIED VALUES:\n{}", OLD.replace("cluster_type: k3s-k3d\n", ""));
    let ran = Cht::new().run_with_input("migrate values - --to 5.3", &text).expect(2);
    assert!(ran.stderr.contains("cluster_type is missing"), "{ran}");
    let hint = "hint: `helm get values RELEASE --all` prints the values with what the chart adds to them\n";
    assert!(ran.stderr.ends_with(hint), "{ran}");
}

#[test]
fn what_is_left_to_decide_ends_with_the_new_values_and_code_2() {
    let cht = Cht::new();
    cht.write("old.yaml", OLD.replace("  couchdb_node_storage_size: 10Gi\n", ""));
    let ran = cht.run("migrate values old.yaml --to 5.3 --out new.yaml").expect(2);
    assert!(ran.stderr.contains("couchdb.couchdb_node_storage_size is missing"), "{ran}");
    assert!(ran.stderr.contains("--> new.yaml:4:1"), "{ran}");
    assert!(ran.stderr.ends_with("error: 4 changes; 1 problem is left to put right in new.yaml\n"), "{ran}");
    cht.write("new.yaml", cht.read("new.yaml").replace("  user:", "  couchdb_node_storage_size: 10Gi\n  user:"));
    let _ = cht.run("validate -f new.yaml").expect(0);
}

/// Values of 4.x on a platform, as one node and as a cluster, with data that was there before and without.
fn instances(platform: &str) -> Vec<String> {
    let mut all = Vec::new();
    for clustered in [false, true] {
        for existing in [false, true] {
            let kind = if platform == "eks" { "eks" } else { "k3s-k3d" };
            all.push(format!(
                "
namespace: clinic
chtversion: 4.22.0
cluster_type: {kind}
upgrade_service: {{tag: 0.32}}
couchdb:
  clusteredCouch_enabled: {clustered}
  couchdb_node_storage_size: 10Gi
clusteredCouch: {{noOfCouchDBNodes: 3}}
nodes: {{node-1: alpha, node-2: beta, node-3: gamma}}
couchdb_data:
  preExistingDataAvailable: {existing}
  dataPathOnDiskForCouchDB: couchdb/data
local_storage: {{preExistingDiskPath-1: /srv/a, preExistingDiskPath-2: /srv/b, preExistingDiskPath-3: /srv/c}}
k3s_use_vSphere_storage_class: {}
vSphere: {{datastoreName: store, diskPath: disks}}
ebs:
  preExistingEBSVolumeID-1: vol-01
  preExistingEBSVolumeID-2: vol-02
  preExistingEBSVolumeID-3: vol-03
  preExistingEBSVolumeSize: 20Gi
ingress:
  host: cht.example.org
  annotations: {{groupname: shared}}
",
                platform == "vsphere"
            ));
        }
    }
    all
}

/// The claims and volumes that are there, with what makes them the same ones.
fn stored(cht: &Cht) -> Vec<(Value, Value, Value)> {
    let kinds = ["PersistentVolumeClaim", "PersistentVolume"];
    let objects = kinds.iter().flat_map(|kind| objects(cht, kind));
    let one = |object: Value| {
        let metadata = &object["metadata"];
        (metadata["name"].clone(), metadata["uid"].clone(), object["spec"]["volumeName"].clone())
    };
    objects.map(one).collect()
}

/// Every instance of a platform is deployed from its migrated values without any risk to data.
#[track_caller]
fn assert_keeps_data(platform: &str) {
    for values in instances(platform) {
        let cht = Cht::new();
        cht.write("old.yaml", &values);
        let _ = cht.run("deploy --quiet --sandbox -f old.yaml").expect(0);
        let (before, secrets) = (stored(&cht), credentials(&cht, "clinic"));

        let _ = cht.run("migrate values old.yaml --to 5.3 --out new.yaml").expect(0);
        let valid = cht.run("validate -f new.yaml").expect(0);
        assert_eq!(valid.stderr, "", "{values}");
        let plan = cht.run("diff --sandbox -f new.yaml -o json").expect(3).json();
        assert_eq!(plan["risks"], serde_json::json!([]), "{values}");
        let _ = cht.run("deploy --quiet --sandbox -f new.yaml").expect(0);

        let after = stored(&cht);
        assert!(before.iter().all(|there| after.contains(there)), "{values}\n{before:?}\n{after:?}");
        let is_single_on_k3s = before.is_empty();
        assert_eq!(after.len() - before.len(), if is_single_on_k3s { 2 } else { 0 }, "{values}");
        assert_eq!(credentials(&cht, "clinic"), secrets);
        assert_eq!(cht.run("diff --sandbox -f new.yaml").expect(0).stderr, "", "{values}");
    }
}

#[test]
fn on_k3s_data_is_kept() {
    assert_keeps_data("k3s");
}

#[test]
fn on_vsphere_data_is_kept() {
    assert_keeps_data("vsphere");
}

#[test]
fn on_eks_data_is_kept() {
    assert_keeps_data("eks");
}

#[test]
fn the_documentation_shows_what_becomes_of_the_example() {
    let cht = with_examples();
    let documentation = std::fs::read_to_string(workspace().join("docs/MIGRATING.md")).expect("the documentation");
    let ran = cht.run("migrate values examples/cht-4x.yaml --to 5.3 --out county-b.yaml").expect(0);
    assert!(documentation.contains(&format!("```text\n{}```\n", ran.stderr)), "{ran}");
    let new = cht.read("county-b.yaml");
    let storage = new.split_once("\nlocal_storage:\n").expect("the folders").1;
    assert!(documentation.contains(&format!("local_storage:\n{storage}```\n")), "{storage}");

    let _ = cht.run("deploy --quiet --sandbox -f examples/cht-4x.yaml").expect(0);
    let _ = cht.run("deploy --quiet --sandbox -f county-b.yaml").expect(0);
    assert!(cht.files().iter().any(|file| file == SANDBOX));
}
