//! The README's first commands do what it says.

use cht_tests::program::workspace;

use crate::examples::with_examples;
use crate::support::SANDBOX;

const COMMAND: &str = "cargo run --package cht-cli -- ";

/// What the section with this heading tells to run, in its blocks and in its text.
fn commands<'a>(readme: &'a str, heading: &str) -> Vec<&'a str> {
    let section = readme.split("\n## ").find(|section| section.starts_with(heading)).expect("the section is there");
    let ends: [char; 2] = ['`', '\n'];
    section.split(COMMAND).skip(1).map(|rest| rest.split(ends).next().unwrap_or_default()).collect()
}

#[test]
fn it_can_be_tried_without_a_cluster() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).expect("the README");
    let commands = commands(&readme, "Try it without a cluster");
    let [deploy, status] = commands.as_slice() else { panic!("two commands: {commands:?}") };
    let place = with_examples();

    let deployed = place.run(deploy).expect(0);
    assert!(deployed.stdout.starts_with("cht-dev: CHT 5.3.0 is ready at https://localhost\n"), "{deployed}");
    assert!(readme.contains(SANDBOX), "the README names the state file");
    assert!(place.files().iter().any(|name| name == SANDBOX), "{:?}", place.files());

    let status = place.run(status).expect(0);
    let (components, address) = status.stdout.trim_end().rsplit_once('\n').expect("components, then the address");
    assert_eq!(address, "https://localhost");
    assert_eq!(components.lines().count(), 5, "{status}");
    assert!(components.lines().all(|line| line.ends_with(" ready")), "{status}");

    // What the deploy's last line says to run next is that very command.
    let last = deployed.stdout.lines().last().expect("a line");
    let again = last.trim().strip_prefix("look again with: cht ").expect("what to run next");
    assert_eq!(place.run(again), status);
}
