//! The first steps of someone who has never seen the tool: what it says leads from nothing to an instance that runs.

use std::fmt::Write;

use cht_tests::program::Cht;

use crate::support::snapshot;

/// Runs each command, and writes down what a terminal would show.
fn transcript(cht: &Cht, commands: &[(&str, i32)]) -> String {
    let mut shown = String::new();
    for (command, code) in commands {
        let ran = cht.run(command).expect(*code);
        let _ = writeln!(shown, "$ cht {command}\n{}{}", ran.stderr, ran.stdout);
        if *code != 0 {
            let _ = writeln!(shown, "(exit code {code})\n");
        }
    }
    shown
}

#[test]
fn three_commands_lead_to_an_instance_that_runs() {
    let cht = Cht::new();
    let steps = [
        ("init --yes --local --namespace clinic", 0),
        ("deploy --sandbox -f values.yaml", 0),
        ("status --sandbox -f values.yaml", 0),
    ];
    snapshot("first_run", &transcript(&cht, &steps));
}

#[test]
fn one_command_leads_there_on_a_laptop() {
    let cht = Cht::new();
    snapshot("first_run_up", &transcript(&cht, &[("up --sandbox", 0), ("status --sandbox -f cht-dev.yaml", 0)]));
}

#[test]
fn every_wrong_turn_says_where_to_go() {
    let cht = Cht::new();
    let turns = [
        ("deploy", 2),
        ("deploy --sandbox -f values.yaml", 2),
        ("deploy values.yaml", 2),
        ("status -n clinic", 2),
        ("instal", 2),
        ("init", 2),
        ("init --yes --local --namespace clinic", 0),
        ("init --yes", 2),
        ("validate -f values.yaml", 0),
        ("status --sandbox -f values.yaml", 9),
        ("logs --sandbox -f values.yaml", 4),
        ("open --sandbox -f values.yaml", 4),
        ("password --sandbox -f values.yaml --yes", 4),
    ];
    snapshot("first_run_wrong_turns", &transcript(&cht, &turns));
}
