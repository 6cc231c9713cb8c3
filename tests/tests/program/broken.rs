//! What is broken is reported with evidence and exit code 8, and what is only slow with exit code 9.

use cht_k8s::sandbox::Fault;
use cht_tests::program::{Cht, Ran};

use crate::support::{clinic, deploy, let_fail, snapshot, status};

/// Deploys to a sandbox where this goes wrong. What deploy says is what status says afterwards.
#[track_caller]
fn broken(fault: Fault) -> (Cht, Ran) {
    let cht = clinic();
    let_fail(&cht, &[fault]);
    let ran = deploy(&cht, "").expect(8);
    assert_eq!(ran.stdout, "");
    (cht, ran)
}

/// When nothing goes wrong any more, the same command goes on to the end.
#[track_caller]
fn heals(cht: &Cht) {
    let_fail(cht, &[]);
    let _ = deploy(cht, "").expect(0);
    let _ = status(cht, "").expect(0);
}

fn image_pull() -> Fault {
    Fault::ImagePull {
        image: "cht-api".to_owned(),
        message: "public.ecr.aws/medic/cht-api:5.3.0: not found".to_owned(),
    }
}

fn crash_loop() -> Fault {
    let log = "starting\neacces: /opt/couchdb/data".to_owned();
    Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 3, log }
}

fn unschedulable(why: &str) -> Fault {
    let message = format!("0/3 nodes are available: {why}.");
    Fault::Unschedulable { deployment: "cht-couchdb".to_owned(), message }
}

#[test]
fn an_image_that_cannot_be_pulled() {
    let (cht, ran) = broken(image_pull());
    snapshot("broken_image", &ran);
    snapshot("broken_image_status", &status(&cht, "").expect(8));
    heals(&cht);
}

#[test]
fn a_container_that_ends_again_and_again() {
    let (cht, ran) = broken(crash_loop());
    snapshot("broken_crash_loop", &ran);
    snapshot("broken_crash_loop_status", &status(&cht, "").expect(8));
    heals(&cht);
}

/// It runs for moments in between, which must not be taken for being ready.
#[test]
fn no_container_that_ends_again_and_again_is_overlooked() {
    for container in
        ["cht-couchdb", "cht-couchdb-nouveau", "cht-haproxy", "cht-haproxy-healthcheck", "cht-api", "cht-sentinel"]
    {
        let (cht, _) = broken(Fault::CrashLoop { container: container.to_owned(), exit_code: 1, log: String::new() });
        let again = deploy(&cht, "-o json").expect(8).json();
        assert_eq!(again["problems"][0]["container"], container);
        heals(&cht);
    }
}

#[test]
fn a_pod_that_no_node_takes() {
    let (cht, ran) = broken(unschedulable("3 node(s) didn't match Pod's node affinity/selector"));
    snapshot("broken_unschedulable", &ran);
    snapshot("broken_unschedulable_status", &status(&cht, "").expect(8));
    heals(&cht);
}

#[test]
fn a_claim_that_finds_no_volume() {
    let (cht, ran) = broken(Fault::ClaimPending { claim: "couchdb-claim0".to_owned() });
    snapshot("broken_claim", &ran);
    snapshot("broken_claim_status", &status(&cht, "").expect(8));
    heals(&cht);
}

/// Nodes may be on their way: some clusters make them when pods need them.
#[test]
fn a_pod_without_room_waits_for_a_while() {
    let cht = clinic();
    let_fail(&cht, &[unschedulable("3 Insufficient memory")]);
    let ran = deploy(&cht, "--timeout 5s").expect(9);
    assert_eq!(ran.stdout, "");
    snapshot("timed_out", &ran);
    snapshot("timed_out_status", &status(&cht, "").expect(9));
    snapshot("broken_no_room", &deploy(&cht, "--timeout 5m").expect(8));
    heals(&cht);
}

#[test]
fn whoever_waits_hears_that_the_run_goes_on() {
    let cht = clinic();
    let_fail(&cht, &[unschedulable("3 Insufficient memory")]);
    let ran = cht.run("deploy --sandbox -f values.yaml --timeout 1m").expect(9);
    let waiting = ran.stderr.lines().filter(|line| line.starts_with("  waiting, ")).count();
    assert!((2..=6).contains(&waiting), "at least after ten seconds and after another half minute:\n{ran}");
}

#[test]
fn evidence_is_there_for_programs() {
    let (cht, _) = broken(crash_loop());
    let deployed = deploy(&cht, "-o json").expect(8).json();
    let seen = status(&cht, "-o json").expect(8).json();
    for result in [&deployed, &seen] {
        let problem = &result["problems"][0];
        assert_eq!(problem["code"], "crash-loop", "{result}");
        assert_eq!(problem["exit_code"], 3, "{result}");
        assert_eq!(problem["container"], "cht-couchdb", "{result}");
        assert_eq!(problem["logs"][0]["lines"][1], "eacces: /opt/couchdb/data", "{result}");
        assert!(problem["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()), "{result}");
    }
    assert_eq!(deployed["outcome"], "broken");
    assert_eq!(seen["ready"], false);
}

#[test]
fn what_is_not_deployed_is_not_ready() {
    snapshot("not_deployed", &status(&clinic(), "").expect(9));
}
