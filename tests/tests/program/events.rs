//! A run as a stream of records: what each sort of run writes, line by line, to its last line.

use cht_k8s::Cluster as _;
use cht_k8s::sandbox::{Fault, Verb};
use cht_k8s::{ClusterError, LiveObject};
use cht_manifests::Kind;
use cht_tests::event_lines::EventLines;
use cht_tests::program::{Cht, Ran};
use futures::executor::block_on;
use serde_json::{Value, json};

use crate::support::{NAMESPACE, clinic, deploy, deployed_clinic, let_fail, snapshot, uninstall, unread, with_sandbox};

/// The lines of a command that ended so.
#[track_caller]
fn lines(ran: Ran, code: i32) -> EventLines {
    EventLines::of_program(&ran.expect(code))
}

#[track_caller]
fn deploying(cht: &Cht, more: &str, code: i32) -> EventLines {
    lines(deploy(cht, &format!("-o ndjson {more}")), code)
}

#[test]
fn a_first_deploy() {
    let cht = clinic();
    let ran = cht.run("deploy --sandbox -f values.yaml -o ndjson").expect(0);
    assert!(ran.stderr.contains("  Deployment/cht-api created\n"), "progress is on standard error: {ran}");
    let lines = EventLines::of_program(&ran);
    assert_eq!(lines.types()[..2], ["run.started", "plan.made"]);
    assert_eq!(lines.only("plan.made")["classes"], json!({ "create": 20 }));
    assert_eq!(lines.all("object.applied").len(), 20);
    assert!(lines.all("object.applied").iter().all(|line| line["obj"]["uid"].is_string()), "{ran}");
    assert_eq!(lines.last()["outcome"], "ready");

    // The revision knows the run by the same name.
    let history = cht.run("history --sandbox -f values.yaml -o json").expect(0).json();
    assert_eq!(history["revisions"][0]["run"], lines.last()["run"]);
    assert_eq!(history["revisions"][0]["number"], lines.last()["rev"]);

    // What comes in between depends on the pace of the sandbox.
    let is_told = |line: &&str| !line.contains(r#""type":"component.health""#) || line.contains(r#""state":"ready""#);
    let told: Vec<_> = ran.stdout.lines().filter(is_told).collect();
    snapshot("ndjson_deploy", &told.join("\n"));
}

#[test]
fn a_deploy_that_changes_nothing() {
    let ran = deploy(&deployed_clinic(), "-o ndjson").expect(0);
    assert_eq!(ran.stderr, "");
    let lines = EventLines::of_program(&ran);
    assert_eq!(lines.types(), ["run.started", "plan.made", "run.finished"]);
    assert_eq!(lines.last()["counts"], json!({ "created": 0, "changed": 0, "unchanged": 20, "removed": 0 }));
    assert!(lines.last().get("rev").is_none() && lines.last().get("stage").is_none(), "{ran}");
}

#[test]
fn a_crash_loop() {
    let cht = clinic();
    let log = "starting\nout of memory".to_owned();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 137, log }]);
    let lines = deploying(&cht, "", 8);
    let failed = lines.only("component.failed");
    assert_eq!((&failed["code"], &failed["obj"]["component"]), (&json!("crash-loop"), &json!("couchdb")));
    assert_eq!((&failed["evidence"]["exit_code"], &failed["stage"]), (&json!(137), &json!("couchdb")));
    let logs = failed["evidence"]["logs"].as_array().expect("logs");
    assert!(logs.iter().any(|tail| tail["lines"] == json!(["starting", "out of memory"])), "{failed:#}");
    let (last, problem) = (lines.last(), &lines.last()["problems"][0]);
    assert_eq!(
        (&last["outcome"], &last["stage"], &problem["code"]),
        (&json!("broken"), &json!("couchdb"), &failed["code"])
    );
    assert_eq!(problem["evidence"], failed["evidence"]);
}

#[test]
fn an_image_that_cannot_be_pulled() {
    let cht = clinic();
    let message = "manifest unknown".to_owned();
    let_fail(&cht, &[Fault::ImagePull { image: "cht-couchdb:".to_owned(), message }]);
    let lines = deploying(&cht, "", 8);
    let failed = lines.only("component.failed");
    assert_eq!((&failed["code"], failed["hint"].is_string()), (&json!("image-pull"), true));
    let states: Vec<_> = lines.all("component.health").iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states.last(), Some(&json!("failed")));
}

#[test]
fn time_is_up() {
    let cht = clinic();
    let message = "0/1 nodes are available: 1 Insufficient memory.".to_owned();
    let_fail(&cht, &[Fault::Unschedulable { deployment: "cht-couchdb".to_owned(), message }]);
    let lines = deploying(&cht, "--timeout 90s", 9);
    let waiting = lines.all("run.waiting");
    assert!(waiting.len() > 3, "{waiting:#?}");
    assert_eq!(waiting[0]["waiting"][0]["obj"]["component"], "couchdb");
    assert_eq!(lines.last()["outcome"], "timed-out");
    assert_eq!(lines.last()["components"][0]["obj"]["name"], "cht-couchdb");
}

/// A Lease as another run would hold it.
fn lock(cht: &Cht) {
    let lease = json!({
        "metadata": { "name": "cht.clinic", "namespace": NAMESPACE },
        "spec": {
            "holderIdentity": "ada@laptop/4711/0123456789ab",
            "leaseDurationSeconds": 60,
            "acquireTime": "2026-01-01T00:00:00.000000Z",
            "renewTime": "2026-01-01T00:00:00.000000Z",
        },
    });
    with_sandbox(cht, |sandbox| block_on(sandbox.create(&LiveObject::new(Kind::Lease, lease)))).expect("a Lease");
}

/// Values whose objects differ from those that are there.
const OTHER: &str = "--set cht_image_tag=5.3.1";

#[test]
fn another_run_holds_the_lock() {
    let cht = clinic();
    let_fail(&cht, &[Fault::Unschedulable { deployment: "cht-couchdb".to_owned(), message: "no".to_owned() }]);
    let _ = deploy(&cht, "--timeout 5s").expect(9);
    with_sandbox(&cht, |sandbox| {
        block_on(async {
            let key = cht_manifests::ObjectKey::new(Kind::Lease, NAMESPACE, "cht.clinic");
            let lease = sandbox.get(&key).await.expect("an answer").expect("a Lease");
            sandbox.delete(&key, lease.uid()).await
        })
    })
    .expect("removed");
    lock(&cht);

    let locked = deploying(&cht, &format!("--lock-wait 30s {OTHER}"), 7);
    let holder = json!({ "identity": "ada@laptop/4711/0123456789ab", "since": "2026-01-01T00:00:00Z" });
    assert_eq!(
        (&locked.only("lock.waiting")["holder"], &locked.only("lock.waiting")["wait_seconds"]),
        (&holder, &json!(30.0))
    );
    assert_eq!((&locked.last()["outcome"], &locked.last()["holder"]), (&json!("locked"), &holder));

    let taken = deploying(&cht, &format!("--lock-wait 2m --timeout 5s {OTHER}"), 9);
    assert_eq!(taken.only("lock.taken-over")["holder"], holder);
}

#[test]
fn data_would_be_lost() {
    let lines = deploying(&deployed_clinic(), "--set couchdb.couchdb_node_storage_size=5Gi", 5);
    assert_eq!(lines.types(), ["run.started", "run.finished"]);
    let risk = &lines.last()["risks"][0];
    assert_eq!((&lines.last()["outcome"], &risk["rule"]), (&json!("data-safety"), &json!("claim-size")));
    assert_eq!(risk["obj"]["gvk"]["kind"], "PersistentVolumeClaim");
}

#[test]
fn an_object_that_cannot_become_as_wanted() {
    let cht = deployed_clinic();
    let error = ClusterError::Forbidden { object: "Deployment/cht-api".to_owned(), message: "by a quota".to_owned() };
    let_fail(&cht, &[Fault::Api { verb: Verb::DryRun, kind: Some(Kind::Deployment), times: 1, error }]);
    let lines = deploying(&cht, OTHER, 4);
    assert_eq!(lines.last()["outcome"], "refused");
    assert!(lines.last()["refusals"][0].as_str().is_some_and(|why| why.contains("quota")), "{:#}", lines.last());
}

#[test]
fn a_plan_that_does_not_hold() {
    let cht = clinic();
    let _ = cht.run("diff --sandbox -f values.yaml --out plan.json").expect(3);
    let lines = deploying(&cht, &format!("--plan plan.json {OTHER}"), 12);
    assert_eq!((lines.types(), &lines.last()["outcome"]), (vec!["run.started", "run.finished"], &json!("stale-plan")));
    assert!(lines.last()["differences"].as_array().is_some_and(|all| !all.is_empty()), "{:#}", lines.last());
    let lines = deploying(&cht, "--plan nowhere.json", 2);
    assert_eq!(lines.types(), ["run.finished"]);
}

#[test]
fn values_that_are_wrong() {
    let cht = clinic();
    for command in ["deploy", "uninstall --yes", "status --watch"] {
        let ran =
            cht.run(&format!("{command} --sandbox -f values.yaml -o ndjson --set namespace=My_NS --set chtversion=x"));
        let lines = lines(ran, 2);
        assert_eq!((lines.types(), &lines.last()["outcome"]), (vec!["run.finished"], &json!("refused")));
        let problems = lines.last()["value_problems"].as_array().expect("problems").clone();
        assert_eq!(problems.iter().filter(|problem| problem["severity"] == "error").count(), 2, "{problems:#?}");
        assert!(
            problems.iter().any(|problem| problem["key"] == "namespace" && problem["file"] == "--set namespace"),
            "{problems:#?}"
        );
    }
    let lines = lines(cht.run("deploy --sandbox -f nowhere.yaml -o ndjson"), 2);
    assert!(lines.last()["error"].as_str().is_some_and(|error| error.starts_with("nowhere.yaml cannot be read")));
}

#[test]
fn no_cluster() {
    let cht = clinic();
    for command in ["deploy", "uninstall --yes", "status --watch"] {
        let lines = lines(cht.run(&format!("{command} -f values.yaml -o ndjson")), 4);
        assert_eq!((lines.types(), lines.last()["hint"].is_string()), (vec!["run.finished"], true));
    }
}

#[test]
fn a_cluster_that_does_not_answer() {
    let cht = clinic();
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    crate::connection::write_kubeconfig(&cht, listener.local_addr().expect("an address").port());
    drop(listener);
    for command in ["deploy", "uninstall --yes", "status --watch"] {
        let ran = cht.run(&format!("{command} -f values.yaml --kubeconfig kubeconfig -o ndjson"));
        assert_eq!(lines(ran, 10).types(), ["run.started", "run.finished"]);
    }
}

#[test]
fn an_uninstall() {
    let cht = deployed_clinic();
    let lines = lines(uninstall(&cht, "--quiet -o ndjson"), 0);
    let removed = lines.all("object.removed");
    assert!(removed.len() > 10 && removed.iter().all(|line| line["obj"]["uid"].is_string()), "{removed:#?}");
    let kept: Vec<_> =
        lines.last()["kept"].as_array().expect("kept").iter().map(|kept| &kept["obj"]["gvk"]["kind"]).collect();
    assert!(kept.contains(&&json!("PersistentVolumeClaim")) && kept.contains(&&json!("Secret")), "{kept:?}");
    assert_eq!(
        (&lines.only("run.started")["action"], &lines.last()["outcome"]),
        (&json!("uninstall"), &json!("uninstalled"))
    );
}

#[test]
fn a_deletion_of_data() {
    let cht = deployed_clinic();
    let lines = lines(uninstall(&cht, "--quiet -o ndjson --delete-data clinic"), 0);
    let last = lines.last();
    assert_eq!(last["outcome"], "data-deleted");
    let deleted: Vec<_> = last["deleted"].as_array().expect("deleted").iter().map(|obj| &obj["name"]).collect();
    assert!(deleted.contains(&&json!("couchdb-claim0")), "{deleted:?}");
    assert!(last["kept"].as_array().expect("kept").iter().all(|kept| kept["reason"].is_string()), "{last:#}");
}

#[test]
fn a_rollback() {
    let cht = deployed_clinic();
    let _ = deploy(&cht, "--set cht_image_tag=5.3.1").expect(0);
    let lines = lines(cht.run("rollback --yes --quiet --sandbox -f values.yaml -o ndjson"), 0);
    assert_eq!(lines.only("run.started")["action"], "rollback");
    assert_eq!((&lines.last()["outcome"], &lines.last()["exit_code"]), (&json!("ready"), &json!(0)));
}

#[test]
fn what_nobody_confirms_is_not_begun() {
    let cht = deployed_clinic();
    let lines = lines(cht.run("uninstall --sandbox -f values.yaml -o ndjson"), 2);
    assert_eq!(lines.last()["hint"], "say so with --yes");
}

#[test]
fn a_run_goes_on_when_nobody_reads_its_events() {
    let cht = clinic();
    let ran = unread(&cht, "deploy --quiet --sandbox -f values.yaml -o ndjson").expect(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(deploying(&cht, "", 0).only("plan.made")["classes"]["unchanged"], 19);
    let _ = unread(&cht, "deploy --quiet --sandbox -f values.yaml -o ndjson --set namespace=My_NS").expect(2);
    // Watching is for whoever reads.
    let ran = unread(&cht, "status --watch --sandbox -f values.yaml -o ndjson").expect(0);
    assert!(!ran.stderr.contains("panic"), "{ran}");
}

#[cfg(target_os = "linux")]
#[test]
fn events_that_cannot_be_written_are_an_error() {
    let cht = clinic();
    let mut command = cht.command("deploy --quiet --sandbox -f values.yaml -o ndjson".split_whitespace());
    command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device"));
    let ran = Ran::of(command).expect(1);
    assert_eq!(ran.stderr, "error: the events could not be written: No space left on device (os error 28)\n");
    assert_eq!(deploying(&cht, "", 0).types(), ["run.started", "plan.made", "run.finished"], "the deploy was done");
}

#[test]
fn only_what_takes_time_has_events() {
    let cht = deployed_clinic();
    for (command, formats) in [
        ("render", "yaml, json"),
        ("validate", "text, json"),
        ("diff --sandbox", "text, json"),
        ("history --sandbox", "text, json"),
    ] {
        let ran = cht.run(&format!("{command} -f values.yaml -o ndjson")).expect(2);
        assert!(ran.stderr.contains(&format!("[possible values: {formats}]")), "{ran}");
        assert_eq!(ran.stdout, "");
    }
    let once = lines(cht.run("status --sandbox -f values.yaml -o ndjson"), 2);
    assert_eq!(once.last()["hint"], "use -o json, or --watch to see what changes from now on");
    let whole: Value = cht.run("status --watch --sandbox -f values.yaml -o json").expect(2).json();
    assert_eq!(whole["hint"], "use -o ndjson, or leave out --watch to see how it is now");
}
