//! What is refused: exit code 2, every reason, and no file.

use cht_tests::program::{Cht, Ran};

use crate::support::snapshot;

const CLINIC: &str = "init --platform k3s --namespace clinic";

#[test]
fn what_cannot_be_done_without_is_named_at_once() {
    let cht = Cht::new();
    for (name, arguments) in [
        ("nothing", ""),
        ("yes", "--yes"),
        ("eks", "--platform eks"),
        ("gke", "--platform gke --namespace clinic"),
        ("k3s_4", "--platform k3s --cht-version 4.22.0 --nodes 3"),
    ] {
        let ran = cht.run(&format!("init {arguments}")).expect(2);
        assert_eq!((ran.stdout.as_str(), cht.files().len()), ("", 0), "{arguments}");
        snapshot(&format!("init_missing_{name}"), &ran.stderr);
    }
}

#[test]
fn answers_in_a_pipe_are_none() {
    let cht = Cht::new();
    let ran = cht.run_with_input("init", "k3s\n5.3.0\nclinic\n\n\n\n\n\n\n").expect(2);
    assert_eq!(ran, cht.run("init").expect(2));
}

#[test]
fn flags_that_do_not_go_together() {
    let cht = Cht::new();
    for (name, arguments) in [
        (
            "of_others",
            "--platform k3s --namespace clinic --group a --certificate arn:a --static-ip b --managed-certificate c \
             --disk-path /srv/a --node-names one",
        ),
        ("of_k3s", "--platform eks --local --namespace clinic"),
        (
            "of_volumes",
            "--platform k3s --namespace clinic --host a.org --cht-version 4.22.0 --storage-size 1Gi --storage-class a",
        ),
        ("v4_on_gke", "--platform gke --namespace clinic --cht-version 4.22.0 --no-ingress"),
        ("names", "--platform k3s --namespace clinic --nodes 3 --node-names one,two"),
        ("ingress", "--platform gke --namespace clinic --no-ingress --host clinic.example.org"),
        (
            "long_namespace",
            "--platform k3s --cht-version 4.22.0 --node-names one,two --host a.org --namespace \
             a23456789-123456789-123456789-123456789-123456789",
        ),
        ("reference", "--platform gke --namespace clinic --host a.org --static-ip ${env:ADDRESS}"),
    ] {
        let ran = cht.run(&format!("init {arguments}")).expect(2);
        assert_eq!((ran.stdout.as_str(), cht.files().len()), ("", 0), "{arguments}");
        snapshot(&format!("init_misfit_{name}"), &ran.stderr);
    }
}

#[test]
fn flags_that_are_wrong() {
    let cht = Cht::new();
    let mut all = String::new();
    for flag in [
        "--platform aks",
        "--cht-version 5.3",
        "--cht-version 3.17.0",
        "--cht-version 5.0.0",
        "--cht-version 6.0.0",
        "--namespace My_NS",
        "--project a.b",
        "--nodes 0",
        "--nodes 100",
        "--node-names one,,two",
        "--host https://clinic.example.org",
        "--storage-size 10Gx",
        "--storage-class A",
        "--disk-path srv",
        "--group A",
        "--certificate none",
        "--static-ip=",
        "--schema=",
    ] {
        let ran = cht.run(&format!("init {flag}")).expect(2);
        assert_eq!((ran.stdout.as_str(), cht.files().len()), ("", 0), "{flag}");
        all.push_str(&ran.stderr.replace("\nFor more information, try '--help'.\n", ""));
    }
    snapshot("init_wrong_flags", &all);
}

#[track_caller]
fn refused_for(cht: &Cht, file: &str) -> Ran {
    let ran = cht.run(&format!("{CLINIC} {file}")).expect(2);
    assert_eq!(ran.stdout, "");
    ran
}

#[test]
fn a_file_that_is_there_stays() {
    let cht = Cht::new();
    cht.write("values.yaml", "mine\n");
    snapshot("init_there", &refused_for(&cht, "").stderr);
    assert_eq!(cht.read("values.yaml"), "mine\n");
    // Nor is anybody asked first.
    assert_eq!(cht.run("init").expect(2), refused_for(&cht, ""));
    // A folder, and a folder that is not there.
    assert_eq!(refused_for(&cht, ".").stderr.lines().count(), 2);
    snapshot("init_no_folder", &refused_for(&cht, "nowhere/values.yaml").stderr);
    assert_eq!(cht.files(), ["values.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_not_followed() {
    let cht = Cht::new();
    std::os::unix::fs::symlink("elsewhere.yaml", cht.folder().join("values.yaml")).expect("a link");
    let _ = refused_for(&cht, "");
    assert_eq!(cht.files(), ["values.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_whole_is_not_left() {
    let cht = Cht::new();
    // No file may have more than one block of 512 bytes, and the signal for that is not taken.
    let script = format!("trap '' XFSZ; ulimit -f 1; exec \"$0\" {CLINIC}");
    let cht_path = cht_tests::program::cht();
    let shell = cht.program(std::path::Path::new("/bin/sh"), ["-c", &script, &cht_path.display().to_string()]);
    let ran = Ran::of(shell).expect(2);
    assert_eq!(ran.stderr, "error: values.yaml cannot be written: File too large (os error 27)\n");
    assert_eq!(cht.files(), Vec::<String>::new());
}
