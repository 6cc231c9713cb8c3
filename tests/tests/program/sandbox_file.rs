//! The file that a sandbox is kept in.

use cht_tests::program::Ran;

use crate::support::{SANDBOX, clinic, deploy, deployed_clinic, snapshot, status, uninstall, with_sandbox};

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let cht = deployed_clinic();
    for file in cht.files().iter().filter(|name| name.starts_with(SANDBOX)) {
        let mode = cht.folder().join(file).metadata().expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn another_file_can_be_named() {
    let cht = clinic();
    let _ = cht.run("deploy --quiet -f values.yaml --sandbox=other.json").expect(0);
    assert!(!cht.files().iter().any(|name| name == SANDBOX), "{:?}", cht.files());
    let _ = cht.run("status -f values.yaml --sandbox=other.json").expect(0);
    let _ = status(&cht, "").expect(9);
}

#[test]
fn one_program_uses_it_at_a_time() {
    let cht = deployed_clinic();
    let all = with_sandbox(&cht, |_| {
        let before = cht.read(SANDBOX);
        let all = ["deploy", "status", "uninstall --yes"].map(|command| {
            let arguments = format!("{command} --sandbox -f values.yaml");
            let output = cht.command(arguments.split_whitespace()).output();
            Ran::from(output.expect("it can be started")).expect(2)
        });
        assert!(cht.read(SANDBOX) == before, "it is left as it is");
        all
    });
    assert!(all.iter().all(|ran| *ran == all[0]), "{all:?}");
    snapshot("sandbox_in_use", &all[0]);
    let _ = status(&cht, "").expect(0);
}

/// Each command that uses a sandbox refuses what is in the file, and leaves it there.
#[track_caller]
fn refused(content: &str) -> Ran {
    let cht = clinic();
    cht.write(SANDBOX, content);
    let all = [deploy(&cht, ""), status(&cht, ""), uninstall(&cht, "")].map(|ran| ran.expect(2));
    assert!(all.iter().all(|ran| *ran == all[0]), "{all:?}");
    assert_eq!(cht.read(SANDBOX), content);
    all[0].clone()
}

#[test]
fn another_file_is_left_as_it_is() {
    snapshot("sandbox_no_json", &refused("dear diary\n"));
    snapshot("sandbox_other_json", &refused("{\"kind\": \"Config\"}\n"));
    snapshot("sandbox_too_new", &refused("{\"format\": \"cht-sandbox\", \"version\": 99}\n"));
}

#[test]
fn a_folder_that_is_not_there() {
    snapshot("sandbox_no_folder", &clinic().run("deploy --quiet -f values.yaml --sandbox=nowhere/s.json").expect(2));
}
