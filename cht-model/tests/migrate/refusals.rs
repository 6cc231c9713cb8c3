//! What is not migrated, and what is said of it.

use cht_model::MigrateError;

use crate::fixture::{EKS, K3S, K3S_CLUSTER, migrated, try_to};

fn refused(old: &str, to: &str) -> MigrateError {
    try_to(old, to).err().unwrap_or_else(|| panic!("it is migrated:\n{old}"))
}

fn version(version: &str) -> String {
    K3S_CLUSTER.replace("4.22.0", version)
}

#[test]
fn what_no_release_of_5_reads() {
    for old in ["4.4.1", "4.0.0", "3.17.2", "4.4.x", "4.4"] {
        let error = refused(&version(old), "5.3");
        assert!(matches!(&error, MigrateError::TooOld { from, .. } if from == old), "{error}");
    }
    insta::assert_snapshot!(refused(&version("4.4.1"), "5.3"), @"CHT 4.4.1 cannot become 5.3.0: only 4.5 and later can. Upgrade the instance to 4.5 or later of CHT 4 first, then migrate the values that it has there");
    let branch = version("my-branch\ncht_image_tag: mine\nrelease_line: '4.4'");
    assert!(matches!(refused(&branch, "5.3"), MigrateError::TooOld { .. }));
    assert!(migrated(&version("4.5.0"), "5.3").is_valid());
}

#[test]
fn what_is_newer() {
    for (old, to) in [("5.3.1", "5.3.0"), ("5.3.0", "5.2"), ("6.0.0", "5.3"), ("5.3.x", "5.2")] {
        let error = refused(&version(old), to);
        assert!(matches!(&error, MigrateError::Backwards { from, .. } if from == old), "{error}");
    }
    insta::assert_snapshot!(refused(&version("5.3.1"), "5.2"), @"CHT 5.3.1 is newer than 5.2.0, and CHT does not go back: values are migrated to a newer release only");
}

#[test]
fn what_cannot_be_read() {
    let error = refused("USER-SUPPLIED VALUES:\nnamespace: [a\n", "5.3");
    let MigrateError::Unreadable(error) = error else { panic!("{error}") };
    let places = error.problems.iter().filter_map(|problem| problem.place()).map(ToString::to_string);
    assert_eq!(places.collect::<Vec<_>>(), ["old.yaml:2:12"]);
}

#[test]
fn what_makes_no_instance() {
    let old = EKS.replace("  preExistingEBSVolumeID-2: vol-02\n", "");
    for (text, supplied) in [(old.clone(), false), (format!("USER-SUPPLIED VALUES:\n{old}"), true)] {
        let error = refused(&text, "5.3");
        let MigrateError::Invalid { invalid, user_supplied } = error else { panic!("{error}") };
        assert_eq!(user_supplied, supplied);
        let line = if supplied { 13 } else { 12 };
        let places = invalid.problems.errors().filter_map(|problem| problem.place()).map(ToString::to_string);
        assert_eq!(places.collect::<Vec<_>>(), [format!("old.yaml:{line}:1")]);
    }
}

#[test]
fn what_the_charts_default_does_not_mend() {
    let old =
        K3S.replace("  preExistingDiskPath-1: /var/lib/couchdb1\n", "").replace("  host: county.example.org\n", "");
    let MigrateError::Invalid { invalid, .. } = refused(&old, "5.3") else { panic!("it is another refusal") };
    let keys: Vec<_> = invalid.problems.errors().filter_map(|problem| problem.key()).collect();
    assert_eq!(keys, ["ingress.host"], "the folder has a default in the chart of 4.x");
}

#[test]
fn what_cannot_be_edited_alone() {
    let anchored = [
        // The version is a part of something else, too.
        ("chtversion: &v 4.22.0\nother: *v\n", "chtversion", 2),
        ("<<: {chtversion: 4.22.0}\nother: <<\n", "", 0),
        ("defaults: &d {chtversion: 4.22.0}\n<<: *d\n", "chtversion", 2),
        ("chtversion: >-\n  4.22.0\n", "chtversion", 2),
    ];
    for (instead, key, line) in anchored {
        let old = K3S_CLUSTER.replace("chtversion: 4.22.0\n", instead);
        match try_to(&old, "5.3") {
            Err(MigrateError::NotEditable { key: found, line: at }) => assert_eq!((found.as_str(), at), (key, line)),
            Err(error) => panic!("{error}"),
            Ok(migration) => assert_eq!(key, "", "{}", migration.text),
        }
    }
    let error = refused(&K3S_CLUSTER.replace("chtversion: 4.22.0\n", anchored[0].0), "5.3");
    insta::assert_snapshot!(error, @"chtversion, on line 2, has to change, and cannot be edited there without changing anything else: write the key with its value on a line of its own, without anchor or alias, and migrate again");
}
