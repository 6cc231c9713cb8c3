//! Under the name `kubectl-cht` it is a plugin of kubectl, and says so.

use std::os::unix::fs::symlink;

use cht_tests::program::{Ran, cht};

use crate::support::{clinic, deployed_clinic};

#[test]
fn it_tells_people_what_they_can_type() {
    let place = clinic();
    let plugin = place.folder().join("kubectl-cht");
    symlink(cht(), &plugin).expect("a link");
    let run = |arguments: &str| Ran::of(place.program(&plugin, arguments.split_whitespace()));

    let help = run("deploy --help").expect(0);
    assert!(help.stdout.contains("Usage: kubectl cht deploy [OPTIONS] --values <FILE>"), "{help}");
    assert!(run("deploy").expect(2).stderr.contains("Usage: kubectl cht deploy --values <FILE>"));
    let deployed = run("deploy --quiet --sandbox -f values.yaml").expect(0);
    assert!(deployed.stdout.ends_with("look again with: kubectl cht status -f values.yaml --sandbox\n"), "{deployed}");
    let script = run("completions bash").expect(0);
    assert!(script.stdout.contains("kubectl-cht"), "{script}");
}

#[test]
fn kubectl_is_told_what_may_be_typed() {
    let place = deployed_clinic();
    let completion = place.folder().join("kubectl_complete-cht");
    symlink(cht(), &completion).expect("a link");
    let completed = |words: &[&str]| Ran::of(place.program(&completion, words.iter().copied())).expect(0).stdout;

    assert_eq!(completed(&["roll"]), "rollback\n:4\n");
    assert_eq!(completed(&["restart", "--sandbox", "-f", "values.yaml", "ha"]), "haproxy\n:4\n");
    assert_eq!(completed(&["logs", "--sandbox", "-n", "clinic", "se"]), "sentinel\n:4\n");
    assert_eq!(completed(&["deploy", "-f", "val"]), "values.yaml\n:4\n");
    std::fs::create_dir(place.folder().join("county")).expect("a folder");
    assert_eq!(completed(&["deploy", "-f", "coun"]), "county/\n:6\n");
    assert_eq!(completed(&["restart", "--sandbox", "-f", "values.yaml", "zz"]), ":4\n");
}
