//! What a shell is told while someone types.

use cht_tests::program::{Cht, Ran};

use crate::support::{VALUES, clinic, deployed_clinic};

/// What the program answers bash about the last of these words.
fn completed(cht: &Cht, line: &str) -> Vec<String> {
    let words: Vec<_> = line.split(' ').collect();
    let mut command = cht.command(["--"].into_iter().chain(words.iter().copied()));
    command
        .env("CHT_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_IFS", "\n");
    let ran = Ran::of(command).expect(0);
    assert_eq!(ran.stderr, "");
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn commands_and_flags() {
    let cht = clinic();
    assert_eq!(completed(&cht, "cht roll"), ["rollback"]);
    assert!(completed(&cht, "cht deploy --lo").contains(&"--lock-wait".to_owned()));
    assert!(completed(&cht, "cht deploy -f val").contains(&"values.yaml".to_owned()));
}

#[test]
fn components_that_run() {
    let cht = deployed_clinic();
    // The values say otherwise than the cluster, which counts.
    cht.write(
        "values.yaml",
        format!("{VALUES}  clusteredCouchEnabled: true\nclusteredCouch: {{noOfCouchDBNodes: 3}}\n"),
    );
    let running = ["api", "couchdb", "haproxy", "healthcheck", "sentinel"];
    assert_eq!(completed(&cht, "cht restart --sandbox -f values.yaml ")[..5], running);
    assert_eq!(completed(&cht, "cht restart --sandbox -f values.yaml ha"), ["haproxy"]);
}

#[test]
fn components_of_the_values_where_no_cluster_answers() {
    let cht = clinic();
    cht.write(
        "values.yaml",
        format!("{VALUES}  clusteredCouchEnabled: true\nclusteredCouch: {{noOfCouchDBNodes: 2}}\n"),
    );
    assert_eq!(completed(&cht, "cht restart -f values.yaml couch"), ["couchdb-1", "couchdb-2"]);
    assert_eq!(completed(&cht, "cht restart -f missing.yaml s"), ["sentinel"]);
}

#[test]
fn every_shell_is_told_how_to_ask() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = clinic().run(&format!("completions {shell}")).expect(0).stdout;
        assert!(script.contains("CHT_COMPLETE"), "{shell}: {script}");
    }
}

#[test]
fn bash_takes_it() {
    let cht = deployed_clinic();
    let script = r#"
        PATH="$(dirname "$1"):$PATH"
        source <(cht completions bash)
        COMP_WORDS=(cht restart --sandbox -f values.yaml se) COMP_CWORD=5 COMP_TYPE=9
        _clap_complete_cht cht se values.yaml
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let program = cht_tests::program::cht();
    let program = program.to_str().expect("a path of text");
    let ran = Ran::of(cht.program("bash".as_ref(), ["-c", script, "bash", program])).expect(0);
    assert_eq!(ran.stdout.trim(), "sentinel", "{ran}");
}
