//! The certificate: from files, self-signed, set by a person, and looked at.

use cht_manifests::Kind;
use cht_tests::canary::Canaries;
use cht_tests::certificates::{Issued, issued};
use cht_tests::program::{Cht, Ran};
use serde_json::Value;

use crate::support::{NAMESPACE, clinic, deploy, objects, snapshot, status, uninstall};

const HOST: &str = "cht.example.org";
const FILES: &str = "\
namespace: clinic
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: local
couchdb:
  couchdb_node_storage_size: 10Gi
ingress:
  host: cht.example.org
cert_source: specify-file-path
certificate_crt_file_path: tls/clinic.crt
certificate_key_file_path: tls/clinic.key
";
const SELF_SIGNED: &str = "--set cert_source=self-signed";

/// The command in a folder beside that of the values, which name files in a folder of theirs.
fn with_files(pair: &Issued) -> Cht {
    let cht = Cht::new();
    std::fs::create_dir_all(cht.folder().join("county/tls")).expect("a folder");
    cht.write("county/values.yaml", FILES);
    put(&cht, pair);
    cht
}

fn put(cht: &Cht, pair: &Issued) {
    cht.write("county/tls/clinic.crt", &pair.certificate);
    cht.write("county/tls/clinic.key", &pair.key);
}

fn run(cht: &Cht, command: &str) -> Ran {
    cht.run(&format!("{command} --sandbox -f county/values.yaml"))
}

fn secret(cht: &Cht, name: &str) -> Option<Value> {
    let mut found = objects(cht, Kind::Secret.as_str()).into_iter().filter(|secret| secret["metadata"]["name"] == name);
    found.next()
}

fn certificate(cht: &Cht) -> Value {
    secret(cht, "api-tls-secret").expect("the Secret")["data"]["tls.crt"].clone()
}

/// Whether nothing was written for the instance.
fn is_untouched(cht: &Cht) -> bool {
    objects(cht, "Namespace").iter().all(|namespace| namespace["metadata"]["name"] != NAMESPACE)
}

/// A deploy of what is there already looks at the certificate, and asks no more than others.
fn assert_changes_nothing(deployed: &Ran) {
    let result = deployed.json();
    assert_eq!((&result["counts"]["created"], &result["counts"]["changed"]), (&0.into(), &0.into()), "{result}");
    let requests = result["requests"].as_u64().expect("a number");
    assert!((11..=16).contains(&requests), "{requests} requests");
}

#[test]
fn files_are_served_and_never_seen() {
    let (first, second) = (issued(HOST, 2020, 2099), issued(HOST, 2021, 2099));
    let parts = [first.canaries(), second.canaries()].concat();
    let canaries = parts.into_iter().fold(Canaries::of(&[]), Canaries::and);
    let cht = with_files(&first);
    let unseen = |command: &str, code| canaries.assert_unseen(run(&cht, command).expect(code));
    let _ = unseen("diff --out plan.json", 3);
    let _ = unseen("deploy --plan plan.json", 0);
    let before = certificate(&cht);
    assert_changes_nothing(&unseen("deploy -o json", 0));
    put(&cht, &second);
    let _ = unseen("diff", 3);
    let _ = unseen("diff -o json", 3);
    let _ = unseen("deploy -o ndjson", 0);
    assert_ne!(certificate(&cht), before);
    let _ = unseen("tls status", 0);
    let _ = unseen("tls status -o json", 0);
    let _ = unseen("tls renew --yes", 0);
    let _ = unseen("status --drift", 0);
    let _ = unseen("history 1", 0);
    for config in objects(&cht, "ConfigMap") {
        assert_eq!(canaries.seen_in(&config.to_string()), Vec::<&str>::new());
    }
}

#[test]
fn a_bad_file_is_refused_with_its_place_before_anything_is_written() {
    let cht = with_files(&issued(HOST, 2020, 2099));
    let mut shown = Vec::new();
    let other = issued(HOST, 2020, 2099);
    let (expired, elsewhere) = (issued(HOST, 2019, 2020), issued("other.example.org", 2020, 2099));
    let right = issued(HOST, 2020, 2099);
    for pair in [
        Issued { key: other.key, ..right.clone() },
        Issued { certificate: right.key.clone(), key: right.certificate.clone() },
        Issued { certificate: "none".to_owned(), ..right },
        expired,
        elsewhere,
    ] {
        put(&cht, &pair);
        let refused = run(&cht, "deploy").expect(2);
        assert_eq!(refused.stdout, "");
        shown.push(refused.stderr.lines().last().expect("a line").to_owned());
        assert!(is_untouched(&cht));
    }
    std::fs::remove_file(cht.folder().join("county/tls/clinic.key")).expect("removed");
    shown.push(run(&cht, "diff").expect(2).stderr);
    snapshot("tls_bad_files", &shown.join("\n"));
}

#[test]
fn a_self_signed_certificate_is_made_once() {
    let cht = clinic();
    let _ = deploy(&cht, SELF_SIGNED).expect(0);
    let before = certificate(&cht);
    assert_changes_nothing(&cht.run(&format!("deploy --sandbox -f values.yaml {SELF_SIGNED} -o json")).expect(0));
    assert_eq!(certificate(&cht), before);

    let authority = cht.run(&format!("tls ca --sandbox -f values.yaml {SELF_SIGNED}")).expect(0);
    assert!(authority.stdout.starts_with("-----BEGIN CERTIFICATE-----\n"), "{authority}");
    assert_eq!(authority.stdout.matches("-----BEGIN").count(), 1, "{authority}");
    let looked = cht.run(&format!("tls status --sandbox -f values.yaml {SELF_SIGNED} -o json")).expect(0).json();
    assert_eq!(looked["certificate"]["names"], serde_json::json!(["localhost", "127.0.0.1", "::1"]));
    assert_eq!((&looked["state"], &looked["made_by"]), (&"right".into(), &"self-signed".into()));

    let renewed = cht.run(&format!("tls renew --yes --sandbox -f values.yaml {SELF_SIGNED}")).expect(0);
    assert!(renewed.stdout.contains("holds until"), "{renewed}");
    assert_ne!(certificate(&cht), before);
    assert_eq!(cht.run(&format!("tls ca --sandbox -f values.yaml {SELF_SIGNED}")).expect(0).stdout, authority.stdout);
    let _ = cht.run("status --drift --sandbox -f values.yaml").expect(0);
}

#[test]
fn an_uninstall_keeps_the_authority_as_it_keeps_the_credentials() {
    let cht = clinic();
    let _ = deploy(&cht, SELF_SIGNED).expect(0);
    let authority = secret(&cht, "api-tls-ca");
    let kept = uninstall(&cht, "").expect(0);
    assert!(kept.stdout.contains("  Secret/api-tls-ca\n"), "{kept}");
    let _ = deploy(&cht, SELF_SIGNED).expect(0);
    assert_eq!(secret(&cht, "api-tls-ca"), authority);
    let deleted = uninstall(&cht, "--delete-data clinic").expect(0);
    assert!(deleted.stdout.contains("  Secret/api-tls-ca\n"), "{deleted}");
    assert_eq!((secret(&cht, "api-tls-ca"), secret(&cht, "api-tls-secret")), (None, None));
}

#[test]
fn a_certificate_is_set_by_hand() {
    let cht = clinic();
    let host = "--set ingress.host=cht.example.org";
    let _ = deploy(&cht, host).expect(0);
    let look = |cht: &Cht| cht.run(&format!("tls status --sandbox -f values.yaml {host}"));
    snapshot("tls_status_of_none", &look(&cht).expect(0).stdout);
    let pair = issued(HOST, 2020, 2099);
    cht.write("a.crt", &pair.certificate);
    cht.write("a.key", &pair.key);
    cht.write("b.key", issued(HOST, 2020, 2099).key);
    let set = |more: &str| cht.run(&format!("tls set --cert a.crt --sandbox -f values.yaml {host} {more}"));
    snapshot("tls_set_with_another_key", &set("--key b.key --yes").expect(2).to_string());
    let unasked = set("--key a.key").expect(2);
    assert!(unasked.stderr.contains("say so with --yes"), "{unasked}");
    assert_eq!(secret(&cht, "api-tls-secret"), None);
    snapshot("tls_set", &set("--key a.key --yes").expect(0).to_string());
    assert!(!look(&cht).expect(0).stdout.contains("unfit"));
    // The ingress takes it from the next deploy on.
    let _ = deploy(&cht, host).expect(0);
    assert_eq!(objects(&cht, "Ingress")[0]["spec"]["tls"][0]["secretName"], "api-tls-secret");
    let before = certificate(&cht);
    let _ = deploy(&cht, host).expect(0);
    assert_eq!(certificate(&cht), before);
    let _ = status(&cht, host).expect(0);

    let elsewhere = cht.run("tls status --sandbox -f values.yaml --set ingress.host=other.example.org").expect(8);
    assert!(
        elsewhere.stdout.contains(
            "state:   unfit: the certificate in tls.crt of Secret/api-tls-secret is for cht.example.org, not for"
        ),
        "{elsewhere}"
    );
}

#[test]
fn what_is_not_ours_is_not_replaced() {
    let cht = clinic();
    let host = "--set ingress.host=cht.example.org";
    let shown = [
        "",
        "--set cert_source=cert-manager --set certificate_issuer=letsencrypt",
        "--set cert_source=existing-secret --set certificate_secret=mine",
        "--set cluster_type=eks --set ingress.annotations.groupname=a",
        "--set cluster_type=gke",
    ]
    .map(|more| cht.run(&format!("tls renew --sandbox -f values.yaml {host} {more}")).expect(2).stderr);
    snapshot("tls_renew_refused", &shown.join("\n"));
}

#[test]
fn without_the_internet_a_person_is_told_what_else_there_is() {
    let cht = clinic();
    let arguments = "deploy --sandbox -f values.yaml --set cert_source=my-ip-co";
    let mut command = cht.command(arguments.split_whitespace());
    // Nobody listens there.
    command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("https_proxy", "http://127.0.0.1:1");
    let refused = Ran::of(command).expect(4);
    assert!(refused.stderr.contains("could not be fetched in 3 tries"), "{refused}");
    assert!(refused.stderr.contains("write cert_source: self-signed"), "{refused}");
    assert!(is_untouched(&cht));
}
