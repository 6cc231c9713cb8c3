//! `cht doctor`: what is found, how it is told, and the exit code.

use std::collections::BTreeSet;

use cht_k8s::doctor::Check;
use cht_k8s::sandbox::{Fault, SandboxNode};
use cht_tests::program::{Cht, Ran, workspace};
use serde_json::{Value, json};

use crate::support::{VALUES, clinic, deploy, deployed_clinic, let_fail, objects, snapshot, version, with_sandbox};

fn doctor(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("doctor --sandbox -f values.yaml {more}"))
}

fn denied(verb: &str, resource: &str) -> Fault {
    Fault::Denied { verb: verb.to_owned(), resource: resource.to_owned() }
}

fn crashing() -> Fault {
    Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log: "no route".to_owned() }
}

/// The verdict of each finding, by its check.
fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|finding| (text(&finding["check"]), text(&finding["verdict"]))).collect()
}

#[test]
fn a_fit_cluster_is_told_so() {
    let cht = clinic();
    let ran = doctor(&cht, "--pre").expect(0);
    assert_eq!(ran.stderr, "");
    snapshot("doctor_pre", &ran.stdout);
    snapshot("doctor_pre_short", &doctor(&cht, "--pre --short").expect(0).stdout);
    assert_eq!(objects(&cht, "Namespace").len(), 2, "nothing was written");
}

#[test]
fn a_deployed_instance_is_looked_at() {
    let cht = deployed_clinic();
    let before = version(&cht);
    let ran = doctor(&cht, "-o json").expect(0);
    snapshot("doctor_json", &ran.stdout);
    assert_eq!(version(&cht), before, "nothing was written");
    let pre: BTreeSet<_> = verdicts(&doctor(&cht, "--pre -o json").expect(0).json()).into_iter().collect();
    let whole: BTreeSet<_> = verdicts(&ran.json()).into_iter().collect();
    assert!(whole.is_superset(&pre) && whole.len() == pre.len() + 5, "{whole:?}");
}

#[test]
fn what_a_deploy_would_fail_with_is_exit_code_4() {
    let cht = clinic();
    let_fail(&cht, &[denied("patch", "deployments"), denied("get", "pods/log"), Fault::ClockSkew { seconds: -400 }]);
    let ran = doctor(&cht, "--pre --short --set couchdb.storage_class=fast").expect(4);
    snapshot("doctor_unfit", &ran.stdout);
    let report = doctor(&cht, "--pre -o json --set couchdb.storage_class=fast").expect(4).json();
    assert_eq!((&report["exit_code"], &report["outcome"]), (&json!(4), &json!("fatal")));
    assert_eq!(report["tally"]["fatal"], 3);
}

#[test]
fn what_is_broken_is_exit_code_8() {
    let cht = clinic();
    let_fail(&cht, &[crashing()]);
    let _ = deploy(&cht, "").expect(8);
    let ran = doctor(&cht, "--short").expect(8);
    assert!(ran.stdout.contains("fatal   instance-health: api is broken: "), "{ran}");
    assert_eq!(doctor(&cht, "-o json").expect(8).json()["outcome"], "broken");
    let _ = doctor(&cht, "--pre").expect(0);
}

#[test]
fn without_a_cluster_this_machine_is_looked_at() {
    let cht = clinic();
    let none = cht.run("doctor -f values.yaml").expect(4);
    snapshot("doctor_no_kubeconfig", &none);
    let kubeconfig = "\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: u, user: {}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here
";
    cht.write("config", kubeconfig);
    let lost = cht.run("doctor -f values.yaml --kubeconfig config -o json").expect(10).json();
    assert_eq!(lost["outcome"], "unreachable");
    assert_eq!(verdicts(&lost).last(), Some(&("client-server".to_owned(), "fatal".to_owned())));
    let finding = lost["findings"].as_array().and_then(|all| all.last()).expect("a finding");
    assert!(finding["hint"].as_str().is_some_and(|hint| hint.starts_with("nothing listens there")), "{finding}");
    let other = cht.run("doctor -f values.yaml --kubeconfig config --context there --short").expect(4);
    assert!(other.stdout.starts_with("fatal   client-config: "), "{other}");
}

#[test]
fn wrong_values_come_first() {
    let cht = clinic();
    cht.write("values.yaml", VALUES.replace("5.3.0", "none"));
    let _ = doctor(&cht, "").expect(2);
}

#[test]
fn a_deploy_looks_first() {
    let cht = clinic();
    let_fail(&cht, &[denied("create", "leases"), Fault::ClockSkew { seconds: 900 }]);
    let ran = deploy(&cht, "").expect(4);
    let before = version(&cht);
    snapshot("deploy_preflight", &ran);
    let json = deploy(&cht, "-o json").expect(4).json();
    assert_eq!((&json["outcome"], json["findings"].as_array().map(Vec::len)), (&json!("refused"), Some(2)));
    let ndjson = deploy(&cht, "-o ndjson").expect(4);
    let last: Value = serde_json::from_str(ndjson.stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["type"], &last["exit_code"]), (&json!("run.finished"), &json!(4)));
    assert_eq!(last["refusals"].as_array().map(Vec::len), Some(2));
    assert_eq!(version(&cht), before, "nothing was written");
    assert!(objects(&cht, "Namespace").iter().all(|namespace| namespace["metadata"]["name"] != "clinic"));
}

#[test]
fn whoever_insists_deploys() {
    let cht = clinic();
    let_fail(&cht, &[Fault::ClockSkew { seconds: 900 }]);
    let _ = deploy(&cht, "").expect(4);
    let _ = deploy(&cht, "--skip-preflight").expect(0);
    // What is as wanted already is not looked at.
    let _ = deploy(&cht, "").expect(0);
}

#[test]
fn a_machine_that_is_not_there_is_named() {
    let cht = deployed_clinic();
    with_sandbox(&cht, |sandbox| {
        let _ = sandbox.clone().with_nodes([SandboxNode::new("alpha"), SandboxNode::new("beta")]);
    });
    let more = "--set nodes.node-1=gamma --set couchdb_data.preExistingDataAvailable=true \
                --set local_storage.preExistingDiskPath-1=/srv/one";
    let ran = doctor(&cht, &format!("--pre --short {more}")).expect(4);
    assert!(ran.stdout.contains("fatal   node-names: the cluster has no node gamma"), "{ran}");
}

/// Every check, with what it is about and what to do, and no other.
#[test]
fn every_check_is_documented() {
    let text = std::fs::read_to_string(workspace().join("docs/DOCTOR.md")).expect("the document");
    let (_, sections) = text.split_once("\n## ").expect("sections");
    let rows = sections.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).map(|(id, _)| id);
    let documented: Vec<_> = rows.collect();
    let checks: Vec<_> = Check::ALL.iter().map(|check| check.id()).collect();
    assert_eq!(documented, checks);
    for check in Check::ALL {
        let heading = format!("\n## {}\n", check.category());
        let section = text.split(&heading).nth(1).unwrap_or_else(|| panic!("no section {}", check.category()));
        let section = section.split("\n## ").next().unwrap_or_default();
        assert!(section.contains(&format!("| `{check}` | ")), "{check} in {}", check.category());
    }
}
