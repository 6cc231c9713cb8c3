//! Clean streams: results on standard output, all else on standard error, and no colour where nobody sees it.

use std::io::pipe;

use cht_tests::program::Ran;

use crate::support::{clinic, deploy, deployed_clinic, snapshot, status, uninstall, unread};

const ESCAPE: char = '\u{1b}';

#[test]
fn a_deploy_tells_what_it_does() {
    let cht = clinic();
    snapshot("deploy", &cht.run("deploy --sandbox -f values.yaml").expect(0));
    snapshot("status", &status(&cht, "").expect(0));
    snapshot("deploy_unchanged", &cht.run("deploy --sandbox -f values.yaml").expect(0));
    snapshot("uninstall", &uninstall(&cht, "").expect(0));
    snapshot("uninstall_again", &uninstall(&cht, "").expect(0));
}

#[test]
fn the_next_command_names_the_same_files_and_cluster() {
    let cht = clinic();
    let ran = cht.run("deploy --quiet -f values.yaml -f values.yaml --sandbox=other.json").expect(0);
    let again = "look again with: cht status -f values.yaml -f values.yaml --sandbox=other.json\n";
    assert!(ran.stdout.ends_with(again), "{ran}");
}

#[test]
fn quiet_is_quiet() {
    let cht = clinic();
    let deployed = deploy(&cht, "").expect(0);
    assert_eq!(deployed.stderr, "");
    assert!(deployed.stdout.starts_with("clinic: CHT 5.3.0 is ready at https://localhost\n"), "{deployed}");
    assert_eq!(deploy(&cht, "-o json").expect(0).stderr, "");
    let gone = uninstall(&cht, "--quiet").expect(0);
    assert_eq!(gone.stderr, "");
    assert!(gone.stdout.starts_with("clinic does not run any more"), "{gone}");
}

#[test]
fn colour_is_only_where_it_is_seen() {
    let cht = clinic();
    let wrong = ["validate", "-f", "values.yaml", "--set", "namespace=My_NS"];
    let with = |variables: &[(&str, &str)]| {
        let mut command = cht.command(wrong);
        command.envs(variables.iter().copied());
        Ran::of(command).expect(2).stderr
    };
    let plain = with(&[]);
    assert!(!plain.contains(ESCAPE), "{plain:?}");
    let coloured = with(&[("CLICOLOR_FORCE", "1")]);
    assert!(coloured.contains(ESCAPE), "{coloured:?}");
    assert_eq!(with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

#[test]
fn no_stream_that_is_no_terminal_gets_escape_codes() {
    let cht = clinic();
    for arguments in [
        "--help",
        "deploy --sandbox --forc",
        "validate -f values.yaml --set pasword=x",
        "render -f values.yaml",
        "deploy --sandbox -f values.yaml",
        "status --sandbox -f values.yaml",
        "uninstall --yes --sandbox -f values.yaml",
    ] {
        let ran = cht.run(arguments);
        assert!(!ran.stdout.contains(ESCAPE) && !ran.stderr.contains(ESCAPE), "{arguments}: {ran:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let cht = deployed_clinic();
    for arguments in [
        "render --set couchdb.password=a --set couchdb.secret=b --set couchdb.uuid=c -f values.yaml",
        "render --set couchdb.password=a --set couchdb.secret=b --set couchdb.uuid=c -f values.yaml -o json",
        "validate -f values.yaml",
        "status --sandbox -f values.yaml",
        "deploy --quiet --sandbox -f values.yaml",
        "--help",
    ] {
        let ran = unread(&cht, arguments).expect(0);
        assert_eq!(ran.stderr, "", "{arguments}");
    }
}

#[test]
fn a_result_that_nobody_reads_keeps_its_exit_code() {
    let cht = clinic();
    let _ = unread(&cht, "validate -o json -f values.yaml --set namespace=My_NS").expect(2);
    let _ = unread(&cht, "status --sandbox -f values.yaml").expect(9);
}

#[test]
fn a_run_goes_on_when_nobody_reads_its_progress() {
    let cht = clinic();
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let mut command = cht.command(["deploy", "--sandbox", "-f", "values.yaml"]);
    command.stderr(writer);
    let _ = Ran::of(command).expect(0);
    let _ = status(&cht, "").expect(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let cht = clinic();
    let mut command = cht.command(["validate", "-f", "values.yaml"]);
    command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device"));
    let ran = Ran::of(command).expect(1);
    assert_eq!(ran.stderr, "error: the result could not be written: No space left on device (os error 28)\n");
}
