//! `cht restart` starts components anew, and leaves what the instance wants as it is.

use cht_k8s::sandbox::Fault;
use cht_tests::program::{Cht, Ran};

use crate::support::{clinic, deploy, deployed_clinic, let_fail, objects, snapshot, status, version};

fn restart(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("restart --sandbox -f values.yaml {more}"))
}

/// Which pods there are, with what tells each from its successor.
fn pods(cht: &Cht) -> Vec<String> {
    objects(cht, "Pod").iter().map(|pod| format!("{} {}", pod["metadata"]["name"], pod["metadata"]["uid"])).collect()
}

#[test]
fn the_whole_instance_one_after_the_other() {
    let cht = deployed_clinic();
    let before = pods(&cht);
    snapshot("restart", &restart(&cht, "--all").expect(0));
    assert!(pods(&cht).iter().all(|pod| !before.contains(pod)), "every pod is another");

    let unchanged = deploy(&cht, "-o json").expect(0).json();
    assert_eq!(unchanged["counts"]["changed"], 0, "the next deploy finds all as it wants it");
    let _ = status(&cht, "--drift").expect(0);
}

#[test]
fn components_have_the_names_that_people_use() {
    let cht = deployed_clinic();
    for name in ["api", "cht-api", "couchdb", "haproxy healthcheck", "cht-haproxy-healthcheck"] {
        let restarted = restart(&cht, &format!("{name} -o json")).expect(0).json();
        assert_eq!(restarted["outcome"], "restarted", "{name}");
        assert_eq!(restarted["counts"]["changed"], name.split(' ').count(), "{name}");
    }
}

#[test]
fn what_is_meant_is_said() {
    let cht = deployed_clinic();
    let before = version(&cht);
    snapshot("restart_nothing", &restart(&cht, "").expect(2));
    snapshot("restart_unknown", &restart(&cht, "postgres").expect(2));
    snapshot("restart_no_such_node", &restart(&cht, "couchdb-2").expect(2));
    assert_eq!(version(&cht), before);
}

#[test]
fn before_a_deploy_there_is_nothing_to_restart() {
    snapshot("restart_not_deployed", &restart(&clinic(), "api").expect(4));
}

#[test]
fn what_does_not_come_back_is_reported_with_evidence() {
    let cht = deployed_clinic();
    let log = "connect ECONNREFUSED haproxy:5984".to_owned();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log }]);
    snapshot("restart_broken", &restart(&cht, "api sentinel").expect(8));
}

#[test]
fn its_events_are_records() {
    let cht = deployed_clinic();
    let records = restart(&cht, "sentinel -o ndjson").expect(0);
    let last = records.stdout.lines().last().expect("a record");
    assert!(last.contains(r#""type":"run.finished""#) && last.contains(r#""outcome":"restarted""#), "{records}");
}
