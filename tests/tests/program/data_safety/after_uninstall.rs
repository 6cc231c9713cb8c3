//! Each rule after an uninstall, when no CouchDB runs that could tell where its data is.

use super::*;
use crate::support::{SANDBOX, deploy, uninstall};

#[test]
fn every_rule_holds_after_an_uninstall() {
    for each in BREAKS {
        let cht = each.deployed();
        let before = data(&cht);
        let _ = uninstall(&cht, each.before).expect(0);
        assert_eq!(data(&cht), before, "an uninstall keeps the data");
        each.assert_named_in(&refused(&cht, each.after));
        let _ = deploy(&cht, each.before).expect(0);
        assert_eq!(data(&cht), before, "{}: the same values find it again", each.rule);
    }
}

#[test]
fn another_folder_is_noticed_until_it_is_allowed() {
    let cht = deployed(GKE, "");
    let _ = uninstall(&cht, "").expect(0);
    // The credentials and the claim are as they were: only the record tells.
    refused_until_allowed(&cht, OTHER_PATH, "data-path");
}

#[test]
fn a_given_disk_keeps_its_place_and_its_node() {
    let cht = deployed(VALUES, ON_DISK);
    let _ = uninstall(&cht, ON_DISK).expect(0);
    let moved = ON_DISK.replace("/srv/couchdb1", "/srv/elsewhere");
    let ran = refused(&cht, &moved);
    assert!(ran.stderr.contains("[volume]\n"), "{ran}");
    let ran = refused(&cht, &ON_DISK.replace("CouchDB=data", "CouchDB=other"));
    assert!(ran.stderr.contains("[data-path]\n"), "{ran}");
    let before = data(&cht);
    // Kubernetes itself keeps a volume on its node.
    let ran = deploy(&cht, &ON_DISK.replace("alpha", "beta"));
    assert!([5, 6].contains(&ran.code), "{ran}");
    assert_eq!(data(&cht), before);
}

#[test]
fn credentials_that_are_lost_are_not_made_anew() {
    let cht = deployed(VALUES, "");
    let _ = uninstall(&cht, "").expect(0);
    let mut state = state(&cht);
    let objects = state["objects"].as_array_mut().expect("a list");
    objects.retain(|object| object["kind"] != "Secret");
    cht.write(SANDBOX, state.to_string());
    let ran = refused(&cht, "");
    assert!(ran.stderr.contains("Secret/cht-couchdb-credentials: it is gone"), "{ran}");
    let _ = deploy(&cht, "--allow credentials").expect(0);
}

#[test]
fn what_cannot_be_told_is_said() {
    let cht = deployed(VALUES, "");
    let _ = uninstall(&cht, "").expect(0);
    let mut state = state(&cht);
    let objects = state["objects"].as_array_mut().expect("a list");
    objects.retain(|object| object["metadata"]["name"] != "cht.clinic.r1");
    cht.write(SANDBOX, state.to_string());
    let ran = cht.run("deploy --sandbox -f values.yaml").expect(0);
    assert!(ran.stderr.contains("ConfigMap/cht.clinic.r1 tells where it was, and it is gone"), "{ran}");
}

#[test]
fn a_history_goes_on_after_an_uninstall() {
    let cht = deployed(VALUES, "");
    let _ = uninstall(&cht, "").expect(0);
    let _ = deploy(&cht, "").expect(0);
    let history = cht.run("history --sandbox -o json -f values.yaml").expect(0).json();
    let lines: Vec<_> = history["revisions"].as_array().expect("a list").iter().map(|line| &line["action"]).collect();
    assert_eq!(lines, ["deploy", "uninstall", "deploy"]);
}
