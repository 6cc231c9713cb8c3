//! The whole way without k3d: a development instance that comes up, and goes again.

use cht_tests::program::Cht;

use crate::support::{SANDBOX, clinic, deploy, snapshot, version};

#[test]
fn a_development_instance_comes_up_and_goes_again() {
    let cht = Cht::new();
    let up = cht.run("up --sandbox").expect(0);
    snapshot("up_sandbox", &up);
    snapshot("up_values", &cht.read("cht-dev.yaml"));
    let before = version(&cht);

    // All that it needs is there, so nothing changes.
    let again = cht.run("up --sandbox").expect(0);
    snapshot("up_sandbox_again", &again);
    assert_eq!(version(&cht), before);
    assert_eq!(cht.run("deploy --sandbox -f cht-dev.yaml --quiet").expect(0).stdout.lines().count(), 8);

    snapshot("down_sandbox_kept", &cht.run("down --sandbox --keep-data").expect(0));
    assert_eq!(version(&cht), before);
    snapshot("down_sandbox_unasked", &cht.run("down --sandbox").expect(2));
    assert_eq!(version(&cht), before);
    snapshot("down_sandbox", &cht.run("down --sandbox --yes").expect(0));
    assert!(!cht.files().iter().any(|name| name == SANDBOX), "{:?}", cht.files());
    assert!(cht.files().iter().any(|name| name == "cht-dev.yaml"), "the values stay");
    snapshot("down_sandbox_again", &cht.run("down --sandbox --yes").expect(0));
}

#[test]
fn programs_are_told_the_same() {
    let cht = Cht::new();
    let up = cht.run("up --sandbox=play.json -o json --quiet").expect(0);
    let result = up.json();
    assert_eq!(result["outcome"], "ready", "{up}");
    assert_eq!(result["address"], "https://localhost");
    assert_eq!(result["values"], serde_json::json!(["cht-dev.yaml"]));
    assert_eq!(result["cluster"]["created"], false);
    assert_eq!(up.stderr, "");

    let events = cht.run("up --sandbox=play.json -o ndjson --quiet").expect(0);
    let lines: Vec<serde_json::Value> =
        events.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.first().expect("a line")["type"], "run.started", "{events}");
    let last = lines.last().expect("a line");
    assert_eq!((&last["type"], &last["exit_code"]), (&"run.finished".into(), &0.into()), "{events}");

    let down = cht.run("down --sandbox=play.json --yes -o json").expect(0).json();
    assert_eq!((&down["outcome"], &down["exit_code"]), (&"removed".into(), &0.into()));
}

/// What is not the development instance's goes only with the name of the cluster.
#[test]
fn data_of_others_does_not_go_unnamed() {
    let cht = clinic();
    let _ = cht.run("up --sandbox --quiet").expect(0);
    let _ = deploy(&cht, "--set ingress.host=clinic.example.org").expect(0);
    let before = cht.read(SANDBOX);
    snapshot("down_others", &cht.run("down --sandbox --yes").expect(5));
    snapshot("down_wrong_name", &cht.run("down --sandbox --delete-data chd").expect(5));
    // Its records say that it was there, and its claims hold its data.
    let _ = cht.run("uninstall --sandbox -f values.yaml --yes --quiet").expect(0);
    let _ = cht.run("down --sandbox --yes").expect(5);
    assert!(cht.read(SANDBOX).len() > before.len() / 2);
    let _ = cht.run("down --sandbox --delete-data cht").expect(0);
    assert!(!cht.files().iter().any(|name| name == SANDBOX), "{:?}", cht.files());
}

/// An instance of one's own values is someone's, however it is called.
#[test]
fn values_of_ones_own_come_up_as_well() {
    let cht = clinic();
    let up = cht.run("up --sandbox -f values.yaml --quiet").expect(0);
    assert!(up.stdout.contains("cht password -f values.yaml --sandbox\n"), "{up}");
    assert!(!cht.files().iter().any(|name| name == "cht-dev.yaml"), "{:?}", cht.files());
    let _ = cht.run("down --sandbox --yes").expect(5);
}

#[test]
fn values_for_other_clusters_are_refused() {
    let cht = clinic();
    snapshot("up_remote", &cht.run("up --sandbox -f values.yaml --set environment=remote").expect(2));
    snapshot("up_wrong_set", &cht.run("up --sandbox --set chtversion=latest").expect(2));
    assert_eq!(cht.files(), ["values.yaml"]);
}
