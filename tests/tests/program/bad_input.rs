//! Bad input: exit code 2, a reason, and nothing done.

use cht_tests::program::{Cht, Ran};

use crate::support::{VALUES, clinic, snapshot};

/// A command that was refused before it did anything: it has made no sandbox.
#[track_caller]
fn refused(cht: &Cht, ran: Ran) -> Ran {
    let ran = ran.expect(2);
    assert!(cht.files().iter().all(|name| name == "values.yaml"), "{:?}", cht.files());
    ran
}

/// Each command that reads values refuses `values.yaml` in the same words, and says nothing on standard output.
#[track_caller]
fn refused_by_each(cht: &Cht) -> Ran {
    let commands = ["validate", "render", "deploy --sandbox", "status --sandbox", "uninstall --yes --sandbox"];
    let all = commands.map(|command| refused(cht, cht.run(&format!("{command} -f values.yaml"))));
    for (command, ran) in commands.iter().zip(&all) {
        assert_eq!(ran, &all[0], "{command}");
    }
    assert_eq!(all[0].stdout, "");
    all[0].clone()
}

#[test]
fn a_file_that_is_not_there() {
    let ran = refused_by_each(&Cht::new());
    let (error, hint) = ran.stderr.split_once('\n').expect("two lines");
    assert_eq!(error, "error: values.yaml cannot be read: No such file or directory (os error 2)");
    assert!(hint.starts_with("hint: `cht init` writes"), "{hint}");
}

#[test]
fn a_folder() {
    let cht = Cht::new();
    let ran = refused(&cht, cht.run("validate -f ."));
    assert_eq!(ran.stderr, "error: . cannot be read: Is a directory (os error 21)\n");
}

#[test]
fn a_file_that_is_no_yaml() {
    let cht = Cht::new();
    cht.write("values.yaml", "namespace: clinic\nchtversion: [5.3.0\n");
    snapshot("not_yaml", &refused_by_each(&cht));
}

#[test]
fn a_file_that_is_no_text() {
    let cht = Cht::new();
    cht.write("values.yaml", b"namespace: clin\xffic\n");
    assert_eq!(refused_by_each(&cht).stderr, "error: values.yaml is not UTF-8 text\n");
}

#[test]
fn an_empty_file() {
    let cht = Cht::new();
    cht.write("values.yaml", "");
    snapshot("empty_file", &refused_by_each(&cht));
}

const SEVERAL: &str = "\
namespace: My_NS
chtversion: 5.3.0
cluster_type: k3s
couchdb:
  pasword: abc
  password: a/b
  couchdb_node_storage_size: 10Gx
";

#[test]
fn several_problems_at_once() {
    let cht = Cht::new();
    cht.write("values.yaml", SEVERAL);
    snapshot("several_problems", &refused_by_each(&cht));
}

#[test]
fn several_problems_for_programs() {
    let cht = Cht::new();
    cht.write("values.yaml", SEVERAL);
    let text = refused_by_each(&cht);
    let json = refused(&cht, cht.run("validate -o json -f values.yaml"));
    assert_eq!(json.stderr, text.stderr);
    snapshot("several_problems_json", &json.stdout);
    assert_eq!(json.json()["exit_code"], 2);
    for command in ["deploy --sandbox", "status --sandbox", "uninstall --yes --sandbox"] {
        assert_eq!(refused(&cht, cht.run(&format!("{command} -o json -f values.yaml"))), json, "{command}");
    }
}

#[test]
fn an_unreadable_file_for_programs() {
    let cht = Cht::new();
    let ran = refused(&cht, cht.run("deploy --sandbox -o json -f nowhere.yaml")).json();
    assert_eq!(ran["exit_code"], 2);
    assert_eq!(ran["error"], "nowhere.yaml cannot be read: No such file or directory (os error 2)");
    assert!(ran["hint"].as_str().is_some_and(|hint| hint.starts_with("`cht init` writes")), "{ran}");
}

#[test]
fn a_wrong_command_line() {
    let cht = clinic();
    for (name, arguments) in [
        ("unknown_flag", "deploy --sandbox -f values.yaml --forc"),
        ("unknown_command", "deplyo -f values.yaml"),
        ("no_values", "deploy --sandbox"),
        ("two_clusters", "deploy --sandbox --context k3d -f values.yaml"),
        ("no_time", "deploy --sandbox -f values.yaml --timeout 5"),
        ("no_format", "deploy --sandbox -f values.yaml -o yaml"),
        ("unknown_rule", "deploy --sandbox -f values.yaml --allow everything"),
    ] {
        let ran = refused(&cht, cht.run(arguments));
        assert_eq!(ran.stdout, "", "{arguments}");
        snapshot(&format!("command_line_{name}"), &ran.stderr);
    }
}

#[test]
fn overrides_that_are_none() {
    let cht = clinic();
    let ran = refused(&cht, cht.run("deploy --sandbox -f values.yaml --set chtversion --set =5.3.1 --set a..b=c"));
    assert_eq!(ran.stdout, "");
    snapshot("overrides", &ran.stderr);
}

#[test]
fn an_override_that_is_wrong() {
    let cht = clinic();
    let ran = refused(&cht, cht.run("validate -f values.yaml --set namespace=My_NS"));
    snapshot("override_value", &ran.stderr);
}

#[test]
fn values_come_from_standard_input() {
    let cht = Cht::new();
    let ran = cht.run_with_input("validate -f -", VALUES).expect(0);
    assert_eq!(ran.stdout, clinic().run("validate -f values.yaml").stdout);
    let ran = refused(&cht, cht.run_with_input("deploy --sandbox -f -", "namespace: My_NS\n"));
    assert_eq!(ran.stdout, "");
    snapshot("standard_input", &ran.stderr);
}

#[test]
fn later_files_win_and_overrides_last() {
    let cht = clinic();
    cht.write("more.yaml", "namespace: other\nchtversion: 5.3.1\n");
    let ran = cht.run("validate -f values.yaml -f more.yaml --set namespace=third").expect(0);
    assert!(ran.stdout.contains("CHT 5.3.1") && ran.stdout.contains("namespace third"), "{ran}");
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let cht = clinic();
    let _ = cht.run("deploy --quiet --sandbox -f values.yaml").expect(0);
    let before = crate::support::version(&cht);
    let ran = cht.run("uninstall --sandbox -f values.yaml").expect(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "error: nobody can be asked whether clinic shall stop serving\nhint: say so with --yes\n");
    // Not even an answer that is in the pipe already counts: whoever wrote it was not asked.
    let _ = cht.run_with_input("uninstall --sandbox -f values.yaml", "y\n").expect(2);
    let json = cht.run("uninstall --sandbox -o json -f values.yaml").expect(2).json();
    assert_eq!((&json["exit_code"], &json["hint"]), (&2.into(), &"say so with --yes".into()));
    assert_eq!(crate::support::version(&cht), before, "nothing was changed");
}

#[test]
fn a_file_without_an_end() {
    let ran = refused(&Cht::new(), Cht::new().run("validate -f /dev/zero"));
    assert_eq!(ran.stderr, "error: /dev/zero has more than 1048576 bytes, and values have far less\n");
}
