//! Looking at what runs: logs, descriptions, resources and volumes, by values or by the namespace alone.

use cht_k8s::sandbox::Fault;
use cht_tests::canary::{Canaries, forms, header};
use cht_tests::program::{Cht, Ran};

use crate::support::{VALUES, clinic, deploy, deployed_clinic, let_fail, snapshot, unread};

/// Runs a command on the namespace of the values.
fn look(cht: &Cht, command: &str) -> Ran {
    cht.run(&format!("{command} --sandbox -n clinic"))
}

/// Compares with a snapshot, without ages, addresses, and names that the sandbox makes up.
fn described(name: &str, ran: &Ran) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d[\d.]* (s|min)( \d+ s)? ago", "[AGE] ago");
    settings.add_filter(r"replica set (cht-[a-z]+)-[0-9a-z]+", "replica set $1-[SET]");
    settings.add_filter(r"10\.(42|96)\.\d+\.\d+", "[ADDRESS]");
    settings.add_filter(r"pvc-[0-9a-f-]{36}", "pvc-[UID]");
    settings.bind(|| snapshot(name, ran));
}

fn crash(log: &str) -> Fault {
    Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 3, log: log.to_owned() }
}

/// The command, and an instance whose API writes this and ends, again and again.
fn broken(log: &str) -> Cht {
    let cht = clinic();
    let_fail(&cht, &[crash(log)]);
    let _ = deploy(&cht, "").expect(8);
    cht
}

#[test]
fn all_containers_of_an_instance_write() {
    let cht = deployed_clinic();
    snapshot("logs", &look(&cht, "logs").expect(0));
    snapshot("logs_times", &look(&cht, "logs couchdb --timestamps").expect(0));
    snapshot("logs_one", &look(&cht, "logs cht-api").expect(0));
    assert_eq!(look(&cht, "logs"), cht.run("logs --sandbox -f values.yaml"), "values lead to the same namespace");
}

#[test]
fn what_is_asked_of_logs_is_given() {
    let cht = broken("one\ntwo\nthree");
    let lines = |arguments: &str| look(&cht, &format!("logs api {arguments}")).expect(0).stdout;
    assert_eq!(lines("--previous"), "one\ntwo\nthree\n");
    assert_eq!(lines("--previous --tail 1"), "three\n");
    assert!(lines("--tail all").ends_with("one\ntwo\nthree\n"));
    assert_eq!(lines("--tail 0"), "");
    assert_eq!(lines("--container api --previous"), lines("--previous"));
    let nothing = look(&cht, "logs haproxy --previous").expect(0);
    assert_eq!((nothing.stdout.as_str(), nothing.stderr.starts_with("note: no container has run before")), ("", true));
}

/// Snapshots have no colours; a terminal does.
#[test]
fn colours_are_for_terminals() {
    let cht = deployed_clinic();
    let coloured = |name: &str| {
        let mut command = cht.command("logs --sandbox -n clinic".split_whitespace());
        command.env(name, "1");
        Ran::of(command).expect(0).stdout.contains('\u{1b}')
    };
    assert_eq!((coloured("CLICOLOR_FORCE"), coloured("NO_COLOR"), coloured("UNRELATED")), (true, false, false));
}

#[test]
fn whoever_has_read_enough_may_go() {
    let ran = unread(&deployed_clinic(), "logs --sandbox -n clinic").expect(0);
    assert_eq!(ran.stderr, "");
    let ran = unread(&deployed_clinic(), "logs --follow --sandbox -n clinic").expect(0);
    assert_eq!(ran.stderr, "");
}

#[cfg(unix)]
#[test]
fn what_is_followed_ends_with_a_signal() {
    use std::io::{BufRead as _, BufReader};

    use cht_tests::program::{signal, start};

    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let cht = deployed_clinic();
        let mut child = start(cht.command("logs api --follow --sandbox -n clinic".split_whitespace()));
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        assert_eq!(line, "cht-api has started\n");
        signal(child.id(), name);
        assert_eq!(child.wait().expect("an end").code(), Some(code));
    }
}

const PASSWORD: &str = "Canary%+&=ä9_x~y";
const USER: &str = "wanjiku";

/// In every form, and also without the values that hold it.
#[test]
fn credentials_are_in_nothing_that_is_shown() {
    let cht = Cht::new();
    cht.write("values.yaml", format!("{VALUES}  user: {USER}\n  password: \"{PASSWORD}\"\n"));
    let canaries = Canaries::of(&[PASSWORD, USER]).and(header(USER, PASSWORD));
    let lines: Vec<_> = forms(PASSWORD).iter().map(|form| format!("url=http://{USER}:{form}@haproxy")).collect();
    let log = format!("{}\nBasic {}\n{}", lines.join("\n"), header(USER, PASSWORD), "x".repeat(100_000));
    let_fail(&cht, &[crash(&log)]);
    let _ = deploy(&cht, "").expect(8);
    for command in ["logs", "logs api --tail all --timestamps", "describe", "describe -o json", "resources", "volumes"]
    {
        for place in ["-n clinic", "-f values.yaml"] {
            let ran = canaries.assert_unseen(cht.run(&format!("{command} --sandbox {place}"))).expect(0);
            let shows = ran.stdout.contains("url=http://[secret]:[secret]@haproxy");
            assert_eq!(shows, command.starts_with("logs"), "{command}");
        }
    }
}

#[test]
fn a_component_is_described() {
    described("describe", &look(&deployed_clinic(), "describe couchdb").expect(0));
    let cht = broken("no route");
    described("describe_broken", &look(&cht, "describe api").expect(0));
    let json = look(&cht, "describe api haproxy -o json").expect(0).json();
    assert_eq!(json["components"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["components"][1]["health"]["component"], "api");
    assert_eq!(json["components"][1]["pods"][0]["containers"][0]["last_end"]["exit_code"], 3);
}

#[test]
fn resources_and_volumes_are_tables_or_documents() {
    let cht = deployed_clinic();
    snapshot("resources", &look(&cht, "resources").expect(0));
    let json = look(&cht, "resources -o json").expect(0).json();
    assert_eq!(json["components"][0]["requests"]["cpu_millis"], 250, "{json:#}");
    described("volumes", &look(&cht, "volumes").expect(0));
    let json = look(&cht, "volumes -o json").expect(0).json();
    assert_eq!(json["claims"][0]["mounted_by"][0]["component"], "couchdb", "{json:#}");
}

/// What the charts deploy bears the same labels.
#[test]
fn an_instance_of_a_chart_is_looked_at() {
    let cht = Cht::new();
    cht.write("values.yaml", format!("{VALUES}profile: chart\n"));
    let _ = deploy(&cht, "").expect(0);
    assert_eq!(look(&cht, "logs").expect(0).stdout.lines().count(), 6);
    let json = look(&cht, "describe -o json").expect(0).json();
    assert_eq!(json["components"].as_array().map(Vec::len), Some(5));
}

#[test]
fn what_is_not_there_is_said() {
    let cht = deployed_clinic();
    snapshot("logs_unknown", &look(&cht, "logs apy").expect(2));
    snapshot("logs_no_container", &look(&cht, "logs --container nginx").expect(2));
    snapshot("describe_unknown", &look(&cht, "describe couchdb-2 -o json").expect(2));
    for command in ["logs", "describe", "resources"] {
        let ran = cht.run(&format!("{command} --sandbox -n elsewhere")).expect(4);
        assert!(ran.stderr.contains("nothing of CHT is in namespace elsewhere"), "{ran}");
    }
    let _ = cht.run("logs --sandbox").expect(2);
    let _ = look(&cht, "logs --tail many").expect(2);
    let _ = look(&cht, "logs --previous --follow").expect(2);
}
