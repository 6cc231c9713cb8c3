//! `cht rollback` brings back what ran before, and leaves what holds data as it is.

use cht_k8s::sandbox::Fault;
use cht_tests::program::{Cht, Ran};
use serde_json::{Value, json};

use crate::support::{
    clinic, credentials, deploy, deployed_clinic, let_fail, objects, snapshot, state, uninstall, version,
};

const NEW_TAG: &str = "--set cht_image_tag=5.3.1";
const THREE_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=3";
const TWO_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=2";

fn rollback(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("rollback --yes --sandbox -f values.yaml {more}"))
}

/// An instance that was deployed with an image tag, and then with another.
fn upgraded_clinic() -> Cht {
    let cht = deployed_clinic();
    let _ = deploy(&cht, NEW_TAG).expect(0);
    cht
}

/// Every object that holds data, whole.
fn data(cht: &Cht) -> Vec<Value> {
    let kinds = ["Namespace", "PersistentVolume", "PersistentVolumeClaim", "Secret"];
    kinds.into_iter().flat_map(|kind| objects(cht, kind)).collect()
}

fn image_of_api(cht: &Cht) -> String {
    let api = objects(cht, "Deployment").into_iter().find(|object| object["metadata"]["name"] == "cht-api");
    let image = &api.expect("the API")["spec"]["template"]["spec"]["containers"][0]["image"];
    image.as_str().expect("an image").to_owned()
}

/// The rollback is refused, and has changed nothing.
#[track_caller]
fn refused(cht: &Cht, more: &str, code: i32) -> Ran {
    let before = (version(cht), state(cht)["objects"].clone());
    let ran = rollback(cht, more).expect(code);
    assert_eq!(ran.stdout, "");
    assert!((version(cht), state(cht)["objects"].clone()) == before, "nothing was changed");
    ran
}

#[test]
fn a_tag_is_taken_back() {
    let cht = upgraded_clinic();
    let before = (data(&cht), credentials(&cht, "clinic"));
    snapshot("rollback", &rollback(&cht, "").expect(0));
    assert_eq!(image_of_api(&cht), "public.ecr.aws/medic/cht-api:5.3.0");
    assert_eq!((data(&cht), credentials(&cht, "clinic")), before);

    let history = cht.run("history --sandbox -f values.yaml").expect(0).stdout;
    assert!(history.lines().last().is_some_and(|line| line.contains("  rollback to 1  ")), "{history}");
    let actions = cht.run("history --sandbox -f values.yaml -o json").expect(0).json();
    assert_eq!(actions["revisions"][2]["action"], json!({ "rollback": { "to": 1 } }));
    // The values of that time are what is there, and those of now go forward again.
    let unchanged = deploy(&cht, "").expect(0);
    assert!(unchanged.stdout.contains("19 unchanged") || unchanged.stdout.contains("20 unchanged"), "{unchanged}");
    let _ = deploy(&cht, NEW_TAG).expect(0);
    assert_eq!(image_of_api(&cht), "public.ecr.aws/medic/cht-api:5.3.1");
}

#[test]
fn programs_are_told_as_of_a_deploy() {
    let ran = rollback(&upgraded_clinic(), "--quiet -o json").expect(0);
    assert_eq!(ran.stderr, "");
    snapshot("rollback_json", &ran.stdout);
}

#[test]
fn what_is_there_already_is_not_done_again() {
    let cht = upgraded_clinic();
    let before = version(&cht);
    snapshot("rollback_unchanged", &rollback(&cht, "2").expect(0));
    assert_eq!(version(&cht), before);
}

#[test]
fn after_a_failure_what_ran_until_then_comes_back() {
    let cht = upgraded_clinic();
    let log = "no route to haproxy".to_owned();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log }]);
    let _ = deploy(&cht, "--set cht_image_tag=5.3.2").expect(8);
    let_fail(&cht, &[]);
    let _ = rollback(&cht, "--quiet").expect(0);
    assert_eq!(image_of_api(&cht), "public.ecr.aws/medic/cht-api:5.3.1");
}

#[test]
fn revisions_that_cannot_be_gone_back_to_are_refused_with_those_that_can() {
    let cht = clinic();
    let mut text = rollback(&cht, "").expect(2).to_string();
    let _ = deploy(&cht, "").expect(0);
    text += &refused(&cht, "", 2).to_string();
    let log = String::new();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log }]);
    let _ = deploy(&cht, NEW_TAG).expect(8);
    let_fail(&cht, &[]);
    for revision in ["2", "7"] {
        text += &refused(&cht, revision, 2).to_string();
    }
    text += &refused(&cht, "x", 2).to_string();
    snapshot("rollback_refused", &text);
    let json = rollback(&cht, "7 -o json").expect(2).json();
    assert_eq!((&json["outcome"], &json["exit_code"]), (&"refused".into(), &2.into()));
}

#[test]
fn settings_that_a_rollback_leaves_are_not_left_behind_unseen() {
    let cht = deployed_clinic();
    let _ = deploy(&cht, "--set haproxy.port=5985").expect(0);
    snapshot("rollback_settings", &refused(&cht, "", 2));
}

#[test]
fn what_a_rollback_does_not_make_must_be_there() {
    let cht = upgraded_clinic();
    let _ = uninstall(&cht, "").expect(0);
    let mut left = state(&cht);
    let is_kept = |object: &Value| object["metadata"]["name"] != "couchdb-claim0";
    left["objects"].as_array_mut().expect("a list").retain(is_kept);
    cht.write("cht-sandbox.json", left.to_string());
    snapshot("rollback_lacking", &refused(&cht, "1", 4));
}

#[test]
fn data_is_as_safe_as_in_a_deploy() {
    let topology = "--allow topology";
    let cht = deployed_clinic();
    let _ = deploy(&cht, &format!("{THREE_NODES} {topology}")).expect(0);
    snapshot("rollback_to_single", &refused(&cht, "-q", 5));
    let _ = refused(&cht, "-q --allow fewer-nodes --allow volume", 5);
    let before = data(&cht);
    let _ = rollback(&cht, topology).expect(0);
    assert_eq!(data(&cht), before, "both instances' data is there");

    let cht = clinic();
    let _ = deploy(&cht, TWO_NODES).expect(0);
    let _ = deploy(&cht, THREE_NODES).expect(0);
    let ran = refused(&cht, "-q", 5);
    assert!(
        ran.stderr.contains("couchdb-3 would leave the cluster") && ran.stderr.contains("--allow fewer-nodes"),
        "{ran}"
    );
}

const EKS: &str = "\
namespace: clinic
chtversion: 4.22.0
upgrade_service: {tag: 0.32}
cluster_type: eks
couchdb:
  couchdb_node_storage_size: 10Gi
  storage_class: gp3
ingress:
  host: cht.example.org
  annotations:
    groupname: clinics
    tags: Environment=test
    certificate: arn:aws:acm:eu-west-2:111122223333:certificate/0aa1bb2c-3d44-4e55-8f66-77a8b9c0d1e2
";

#[test]
fn cht_does_not_go_back_to_an_older_major_version() {
    let cht = Cht::new();
    cht.write("values.yaml", EKS);
    let new = "--set chtversion=5.3.0";
    let _ = deploy(&cht, "").expect(0);
    // Forward it goes.
    let _ = deploy(&cht, new).expect(0);
    snapshot("rollback_major_version", &refused(&cht, "-q", 5));
    let before = (version(&cht), state(&cht)["objects"].clone());
    let deployed = deploy(&cht, "").expect(5);
    assert!(deployed.stderr.contains("[major-version]"), "{deployed}");
    let json = deploy(&cht, "-o json").expect(5).json();
    assert_eq!((&json["outcome"], &json["risks"][0]["rule"]), (&"data-safety".into(), &"major-version".into()));
    assert!((version(&cht), state(&cht)["objects"].clone()) == before, "nothing was changed");

    let _ = rollback(&cht, "-q --allow major-version").expect(0);
    assert_eq!(image_of_api(&cht), "public.ecr.aws/medic/cht-api:4.22.0");
    let _ = deploy(&cht, "").expect(0);
    let _ = deploy(&cht, new).expect(0);
    let _ = deploy(&cht, "--allow major-version").expect(0);
    // What is on record counts where nothing runs.
    let _ = deploy(&cht, new).expect(0);
    let _ = uninstall(&cht, "").expect(0);
    let ran = deploy(&cht, "").expect(5);
    assert!(ran.stderr.starts_with("error: ConfigMap/cht.clinic: CHT 5 "), "{ran}");
}

#[test]
fn nobody_is_taken_by_surprise() {
    let cht = upgraded_clinic();
    let before = version(&cht);
    let ran = cht.run("rollback --sandbox -f values.yaml").expect(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "error: nobody can be asked whether clinic shall go back\nhint: say so with --yes\n");
    // An answer on a pipe is nobody's.
    let _ = cht.run_with_input("rollback --sandbox -f values.yaml", "y\n").expect(2);
    assert_eq!(version(&cht), before);
}
