//! Secrets stay secret: no form of a password is in what any command writes, except for the Secret that `cht render` prints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cht_k8s::sandbox::Fault;
use cht_manifests::{Kind, ObjectKey};
use cht_tests::canary::{Canaries, forms, header};
use cht_tests::program::{Cht, Ran};
use serde_json::Value;

use crate::support::{
    NAMESPACE, VALUES, clinic, credentials, deploy, deployed_clinic, let_fail, status, uninstall, with_sandbox,
};

/// What percent-encoding and base64 change, in every position.
const PASSWORD: &str = "Canary%+&=ä9_x~y";
const SECRET: &str = "Kanari/+ =?ß8:@.z";
const UUID: &str = "canarino~_-.%7'!()*";

/// A name that shifts what follows it in base64.
const USER: &str = "root";

/// Those that the sandbox holds.
fn of_sandbox(cht: &Cht) -> Canaries {
    let data = credentials(cht, NAMESPACE);
    let text = |key: &str| {
        let bytes = STANDARD.decode(data[key].as_str().expect("base64")).expect("base64");
        String::from_utf8(bytes).expect("text")
    };
    let secrets = ["COUCHDB_PASSWORD", "COUCHDB_SECRET", "COUCHDB_UUID"].map(text);
    assert!(secrets.iter().all(|secret| secret.len() >= 24), "credentials that are hard to guess");
    Canaries::of(&secrets.each_ref().map(String::as_str)).and(header("medic", &secrets[0]))
}

/// The command, and values that hold the canaries.
fn aviary() -> (Cht, Canaries) {
    let cht = Cht::new();
    cht.write(
        "values.yaml",
        format!("{VALUES}  user: {USER}\n  password: \"{PASSWORD}\"\n  secret: \"{SECRET}\"\n  uuid: \"{UUID}\"\n"),
    );
    (cht, Canaries::of(&[PASSWORD, SECRET, UUID]).and(header(USER, PASSWORD)))
}

/// Everything that may be asked of an instance.
fn life(cht: &Cht, canaries: &Canaries, code: i32) {
    for command in [
        "validate -f values.yaml",
        "validate -f values.yaml -o json",
        "deploy --sandbox -f values.yaml",
        "deploy --sandbox -f values.yaml -o json",
        "deploy --sandbox -f values.yaml --verbose",
        "status --sandbox -f values.yaml --verbose",
        "status --sandbox -f values.yaml",
        "status --sandbox -f values.yaml -o json",
    ] {
        let expected = if command.starts_with("validate") { 0 } else { code };
        let _ = canaries.assert_unseen(cht.run(command)).expect(expected);
    }
    // Restarts and examinations end as the instance is, and looks show it whatever it is like.
    for (command, expected) in [
        ("restart couchdb --timeout 5m", code),
        ("restart couchdb --timeout 5m -o ndjson --verbose", code),
        ("doctor --verbose", code),
        ("doctor -o json", code),
        ("logs --tail all --verbose", 0),
        ("describe --verbose", 0),
        ("describe -o json", 0),
        ("resources -o json", 0),
        ("volumes -o json", 0),
        ("history -o json", 0),
        ("open --address --print", 0),
    ] {
        let ran = cht.run(&format!("{command} --sandbox -f values.yaml"));
        let _ = canaries.assert_unseen(ran).expect(expected);
    }
}

#[test]
fn given_credentials_are_not_shown() {
    let (cht, canaries) = aviary();
    life(&cht, &canaries, 0);
    let data = credentials(&cht, NAMESPACE);
    assert_eq!(data["COUCHDB_PASSWORD"], STANDARD.encode(PASSWORD), "the canaries are in the cluster");
    let _ = canaries.assert_unseen(uninstall(&cht, "")).expect(0);
    let _ = canaries.assert_unseen(deploy(&cht, "-o json")).expect(0);
    let _ = canaries.assert_unseen(uninstall(&cht, "-o json")).expect(0);
    // The events of all that is made, not only of what is there.
    let _ = canaries.assert_unseen(deploy(&cht, "-o ndjson")).expect(0);
    let _ = canaries.assert_unseen(uninstall(&cht, "-o ndjson")).expect(0);
    // Gone Secrets are told from others by their digests.
    let other = "--set couchdb.password=Successor-1";
    let both = canaries.clone().with(&["Successor-1"]);
    let _ = both.assert_unseen(deploy(&cht, other)).expect(5);
    let _ = both.assert_unseen(uninstall(&cht, "--delete-data clinics")).expect(5);
    let _ = both.assert_unseen(uninstall(&cht, "-o json --delete-data clinic")).expect(0);
    let _ = both.assert_unseen(deploy(&cht, "")).expect(0);
    let _ = both.assert_unseen(uninstall(&cht, "--delete-data clinic")).expect(0);
}

#[test]
fn generated_credentials_are_not_shown() {
    let cht = clinic();
    let first = cht.run("deploy --sandbox -f values.yaml").expect(0);
    let canaries = of_sandbox(&cht);
    let _ = canaries.assert_unseen(first);
    life(&cht, &canaries, 0);
    let _ = canaries.assert_unseen(uninstall(&cht, "")).expect(0);
}

#[test]
fn only_the_secret_that_is_rendered_holds_them() {
    let (cht, canaries) = aviary();
    for format in ["yaml", "json"] {
        let ran = cht.run(&format!("render -f values.yaml -o {format}")).expect(0);
        assert_eq!(ran.stderr, "");
        let seen = canaries.seen_in(&ran.stdout);
        assert!(seen.contains(&STANDARD.encode(PASSWORD).as_str()), "the Secret itself: {seen:?}");
        for secret in [PASSWORD, SECRET, UUID] {
            assert!(!ran.stdout.contains(secret), "{secret} in plain text");
        }
    }
    let objects = cht.run("render -f values.yaml -o json").json();
    let others: Vec<Value> =
        objects.as_array().expect("an array").iter().filter(|object| object["kind"] != "Secret").cloned().collect();
    assert_eq!(others.len() + 1, objects.as_array().map_or(0, Vec::len), "there is one Secret");
    assert_eq!(canaries.seen_in(&Value::from(others).to_string()), Vec::<&str>::new());
}

/// A log with the secrets in every form, one to a line, and a last line that shows that the log was seen.
fn talkative(secrets: &[&str]) -> String {
    let lines: Vec<_> = secrets.iter().flat_map(|secret| forms(secret)).chain([header(USER, PASSWORD)]).collect();
    // Twenty lines are shown: the forms share a few.
    let lines: Vec<_> = lines.chunks(4).map(|forms| format!("url=http://medic:{}", forms.join("@haproxy "))).collect();
    assert!(lines.len() < 20, "{}", lines.len());
    format!("{}\nthat was all", lines.join("\n"))
}

#[track_caller]
fn assert_log_was_seen(ran: Ran) -> Ran {
    assert!(ran.stderr.contains("    | that was all\n"), "{ran}");
    ran
}

#[test]
fn what_a_container_writes_is_shown_without_them() {
    let (cht, canaries) = aviary();
    let log = talkative(&[PASSWORD, SECRET, UUID]);
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log }]);
    life(&cht, &canaries, 8);
    let ran = assert_log_was_seen(canaries.assert_unseen(deploy(&cht, "")).expect(8));
    assert!(ran.stderr.contains("url=http://medic:[secret]@haproxy"), "{ran}");
    let _ = assert_log_was_seen(canaries.assert_unseen(status(&cht, "")).expect(8));
}

#[test]
fn what_a_container_writes_is_in_no_event_with_them() {
    let (cht, canaries) = aviary();
    let log = talkative(&[PASSWORD, SECRET, UUID]);
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log }]);
    let ran = canaries.assert_unseen(deploy(&cht, "-o ndjson")).expect(8);
    assert!(ran.stdout.contains("url=http://medic:[secret]@haproxy") && ran.stdout.contains("that was all"), "{ran}");
}

#[test]
fn what_a_container_writes_is_shown_without_generated_ones() {
    let cht = deployed_clinic();
    let canaries = of_sandbox(&cht);
    let log = format!(
        "{}\nthat was all",
        canaries.forms().chunks(4).map(|forms| forms.join(" ")).collect::<Vec<_>>().join("\n")
    );
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log }]);
    // CouchDB runs already, and the sandbox strikes it only when it starts anew.
    let again = "--set cht_image_tag=5.3.1";
    let _ = assert_log_was_seen(canaries.assert_unseen(deploy(&cht, again)).expect(8));
    let _ = assert_log_was_seen(canaries.assert_unseen(status(&cht, again)).expect(8));
}

#[test]
fn credentials_that_are_being_replaced_are_not_shown_either() {
    let (cht, canaries) = aviary();
    let _ = deploy(&cht, "").expect(0);
    let log = talkative(&[PASSWORD]);
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log }]);
    let other = "--set couchdb.password=Successor-1";
    let both = canaries.clone().with(&["Successor-1"]);
    let refused = both.assert_unseen(deploy(&cht, other)).expect(5);
    let _ = both.assert_unseen(deploy(&cht, &format!("{other} -o ndjson"))).expect(5);
    assert!(refused.stderr.contains("couchdb.password in the values differs"), "{refused}");
    let _ = both.assert_unseen(deploy(&cht, &format!("{other} -o json"))).expect(5);
    let _ = assert_log_was_seen(both.assert_unseen(deploy(&cht, &format!("{other} --allow credentials"))).expect(8));
    let _ = assert_log_was_seen(both.assert_unseen(status(&cht, "")).expect(8));
}

#[test]
fn what_a_deploy_would_change_is_shown_without_them() {
    let (cht, canaries) = aviary();
    let canaries = canaries.with(&["Successor-1", "Intruder-7"]);
    let look = |more: &str, code: i32| {
        for format in ["text", "json"] {
            let diff = format!("diff --sandbox -f values.yaml --out plan.json -o {format} {more}");
            let _ = canaries.assert_unseen(cht.run(&diff)).expect(code);
            assert_eq!(canaries.seen_in(&cht.read("plan.json")), Vec::<&str>::new());
        }
    };
    look("", 3);
    let _ = canaries.assert_unseen(deploy(&cht, "--plan plan.json")).expect(0);
    look("", 0);
    look("--set couchdb.password=Successor-1", 5);
    let _ = canaries.assert_unseen(cht.run("deploy --sandbox -f values.yaml --set couchdb.uuid=Successor-1")).expect(5);
    let secret = ObjectKey::new(Kind::Secret, NAMESPACE, "cht-couchdb-credentials");
    let intrude = |secret: &mut Value| secret["data"]["COUCHDB_UUID"] = STANDARD.encode("Intruder-7").into();
    with_sandbox(&cht, |sandbox| sandbox.update_as("argocd", &secret, intrude)).expect("the Secret can be edited");
    // The Secret is another's now, and the volume holds what it held before.
    look("", 5);
    let _ = canaries.assert_unseen(deploy(&cht, "-o json --allow credentials --plan plan.json")).expect(6);
    let _ = canaries.assert_unseen(deploy(&cht, "-o ndjson --allow credentials --plan plan.json")).expect(6);
}

#[test]
fn what_drifts_and_goes_back_is_shown_without_them() {
    let (cht, canaries) = aviary();
    let canaries = canaries.with(&["Intruder-7"]);
    let _ = deploy(&cht, "").expect(0);
    let _ = deploy(&cht, "--set cht_image_tag=5.3.1").expect(0);
    let rollback =
        |more: &str| canaries.assert_unseen(cht.run(&format!("rollback --yes --sandbox -f values.yaml {more}")));
    let _ = rollback("").expect(0);
    let _ = rollback("-o json").expect(0);
    let secret = ObjectKey::new(Kind::Secret, NAMESPACE, "cht-couchdb-credentials");
    for (entry, marks) in [("COUCHDB_PASSWORD", 2), ("COUCHDB_SECRET", 2)] {
        let intrude = |secret: &mut Value| secret["data"][entry] = STANDARD.encode("Intruder-7").into();
        with_sandbox(&cht, |sandbox| sandbox.update_as("kubectl-edit", &secret, intrude)).expect("edited");
        for format in ["text", "json"] {
            let ran = canaries.assert_unseen(status(&cht, &format!("--drift -o {format}"))).expect(11);
            assert_eq!(ran.stdout.matches("[secret ").count(), marks, "{ran}");
        }
    }
    let log = talkative(&[PASSWORD, "Intruder-7"]);
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log }]);
    let _ = rollback("-o json").expect(8);
}

#[test]
fn what_the_cluster_says_is_shown_without_them() {
    let message = format!("pull with password {PASSWORD} denied, {}", forms(PASSWORD).join(" "));
    let nodes = format!("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity, {PASSWORD}");
    for fault in [
        Fault::ImagePull { image: "cht-couchdb:".to_owned(), message: message.clone() },
        Fault::ConfigError {
            container: "cht-couchdb".to_owned(),
            message: format!("secret \"x\" not found: {message}"),
        },
        Fault::Unschedulable { deployment: "cht-couchdb".to_owned(), message: nodes },
    ] {
        let (cht, canaries) = aviary();
        let_fail(&cht, &[fault]);
        let _ = canaries.assert_unseen(deploy(&cht, "-o ndjson")).expect(8);
        life(&cht, &canaries, 8);
    }
}

#[test]
fn mistakes_in_values_are_explained_without_them() {
    let canaries = Canaries::of(&["Canary-7", "Canary/8", "Canary-9"]);
    for (mistake, lines) in [
        ("a character that must not be there", "  password: Canary/8\n"),
        ("a wrong key", "  pasword: Canary-7\n  password: Canary/8\n"),
        ("a key at the top", "password: Canary-7\nsecret: Canary-9\nnamespace: My_NS\n"),
        ("a quote that is not closed", "  password: \"Canary-7\n"),
        ("a second colon", "  password: Canary-7: Canary-9\n"),
        ("a list", "  password: [Canary-7, Canary-9]\n"),
        ("a section", "  password:\n    Canary-7: Canary-9\n"),
        ("a key that is there twice", "  password: Canary-7\n  password: Canary-9\n"),
        ("a tab", "  password: Canary-7\n\tsecret: Canary-9\n"),
        ("a placeholder", "  password: <Canary-7>\n"),
        ("an unknown escape", "  password: \"Canary-7\\q\"\n"),
        ("a line break", "  password: \"Canary-7\\nCanary-9\"\n"),
        ("an unknown alias", "  password: &a Canary-7\n  secret: *b\n"),
    ] {
        let cht = Cht::new();
        cht.write("values.yaml", format!("{VALUES}{lines}"));
        for command in [
            "validate -f values.yaml",
            "validate -f values.yaml -o json",
            "deploy --sandbox -f values.yaml",
            "deploy --sandbox -f values.yaml -o ndjson",
        ] {
            let ran = canaries.assert_unseen(cht.run(command)).expect(2);
            assert!(!ran.stderr.is_empty(), "{mistake}");
        }
    }
}

#[test]
fn mistakes_in_overrides_are_explained_without_them() {
    let cht = clinic();
    let canaries = Canaries::of(&["Canary-7", "Canary/8"]);
    for set in ["couchdb.password=Canary/8", "=Canary-7", "couchdb.password=<Canary-7>", "couchdb..password=Canary-7"] {
        let ran = canaries.assert_unseen(cht.run(&format!("validate -f values.yaml --set {set}"))).expect(2);
        assert!(ran.stderr.contains("error"), "{ran}");
    }
    let ran = canaries.assert_unseen(cht.run("validate -f values.yaml --set couchdb.pasword=Canary-7")).expect(0);
    assert!(ran.stderr.contains("did you mean couchdb.password?"), "{ran}");
}
