//! Results for programs: one JSON document on standard output, and nothing else there.

use cht_k8s::sandbox::Fault;
use cht_tests::program::Ran;

use crate::support::{clinic, deploy, deployed_clinic, let_fail, snapshot, status, uninstall};

/// Standard output is one document, whose exit code is the program's.
#[track_caller]
fn document(name: &str, ran: &Ran) {
    let value = ran.json();
    assert_eq!(value["exit_code"], ran.code, "{ran}");
    assert!(ran.stdout.ends_with("}\n"), "{ran}");
    snapshot(&format!("json_{name}"), &ran.stdout);
}

#[test]
fn a_deploy() {
    let cht = clinic();
    // Not quiet: what happens on the way is on standard error.
    let ran = cht.run("deploy --sandbox -f values.yaml -o json").expect(0);
    assert!(ran.stderr.contains("  Deployment/cht-api created\n"), "{ran}");
    document("deploy", &ran);
    document("status", &status(&cht, "-o json").expect(0));
    document("deploy_unchanged", &deploy(&cht, "-o json").expect(0));
    let ran = uninstall(&cht, "-o json").expect(0);
    assert!(ran.stderr.contains("  Deployment/cht-api removed\n"), "{ran}");
    document("uninstall", &ran);
}

#[test]
fn values_that_are_valid() {
    let ran = clinic().run("validate -f values.yaml --set pasword=x -o json").expect(0);
    assert_eq!(ran.stderr, "", "warnings are in the document");
    assert_eq!(ran.json()["valid"], true);
    snapshot("json_validate", &ran.stdout);
}

#[test]
fn a_deploy_that_would_lose_data() {
    let ran = deploy(&deployed_clinic(), "-o json --set couchdb.couchdb_node_storage_size=5Gi").expect(5);
    document("data_safety", &ran);
}

#[test]
fn a_deploy_that_breaks() {
    let cht = clinic();
    let log = "starting\nout of memory".to_owned();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 137, log }]);
    document("broken", &deploy(&cht, "-o json").expect(8));
    document("broken_status", &status(&cht, "-o json").expect(8));
}

#[test]
fn a_deploy_that_takes_too_long() {
    let cht = clinic();
    let message = "0/1 nodes are available: 1 Insufficient memory.".to_owned();
    let_fail(&cht, &[Fault::Unschedulable { deployment: "cht-couchdb".to_owned(), message }]);
    document("timed_out", &deploy(&cht, "-o json --timeout 5s").expect(9));
}

#[test]
fn no_cluster() {
    document("no_cluster", &clinic().run("deploy -f values.yaml -o json").expect(4));
}
