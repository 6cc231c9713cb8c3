//! What the command says of itself.

use cht_tests::program::Cht;

use crate::support::snapshot;

const COMMANDS: &[&str] = &[
    "init",
    "up",
    "down",
    "render",
    "graph",
    "validate",
    "doctor",
    "diff",
    "deploy",
    "status",
    "password",
    "open",
    "logs",
    "describe",
    "resources",
    "volumes",
    "history",
    "rollback",
    "restart",
    "uninstall",
    "tls",
    "schema",
    "completions",
    "man",
    "values",
    "migrate",
];

/// Commands of commands.
const INNER: &[&str] = &["tls status", "tls renew", "tls set", "tls ca", "values show", "migrate values"];

#[test]
fn the_command_explains_itself() {
    let cht = Cht::new();
    for (name, arguments) in [("help_long", "--help"), ("help_short", "-h")] {
        let help = cht.run(arguments).expect(0);
        assert_eq!(help.stderr, "");
        for command in COMMANDS {
            assert!(help.stdout.contains(&format!("\n  {command} ")), "{command} in {help}");
        }
        snapshot(name, &help.stdout);
    }
}

#[test]
fn each_command_explains_itself() {
    let cht = Cht::new();
    for command in COMMANDS.iter().chain(INNER) {
        let help = cht.run(&format!("{command} --help")).expect(0);
        assert_eq!(help.stderr, "");
        snapshot(&format!("help_{}", command.replace(' ', "_")), &help.stdout);
    }
}

#[test]
fn every_command_has_the_version() {
    let version = format!("cht {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(Cht::new().run("--version").expect(0).stdout, version);
}

#[test]
fn without_a_command_it_shows_what_there_is() {
    let ran = Cht::new().run("").expect(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("Usage: cht <COMMAND>"), "{ran}");
}
