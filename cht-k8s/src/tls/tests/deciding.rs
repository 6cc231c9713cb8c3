//! When a deploy makes, copies or keeps a certificate.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{AUTHORITY_SECRET, Kind, ObjectKey};
use cht_model::{Instance, TLS_SECRET};
use futures::StreamExt;
use futures::executor::block_on;
use k8s_openapi::ByteString;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::live::LiveCertificate;
use super::super::{CertificateState, Pair, certificate_status};
use super::made::{Authority, DAY, FITTING, NOW, Wish, authority, issued, read};
use crate::health::testing::{K3D, instance};
use crate::plan::{Change, Plan, PlanError, plan, plan_rollback};
use crate::sandbox::Sandbox;
use crate::{Cluster, Event, Options, deploy, drift};

pub(super) const NAMESPACE: &str = "county-a";
const HOST: &str = "ingress.host=cht.example.org";
const SELF_SIGNED: [&str; 2] = ["cert_source=self-signed", HOST];

/// A sandbox in which it is the day of the tests.
pub(super) fn sandbox() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let clock = sandbox.clock();
    let until = u64::try_from(NOW - clock.now().as_second()).expect("the tests live later");
    block_on(clock.sleep(Duration::from_secs(until)));
    sandbox
}

fn pass(sandbox: &Sandbox, days: i64) {
    block_on(sandbox.clock().sleep(Duration::from_secs(u64::try_from(days * DAY).expect("days"))));
}

pub(super) fn county(set: &[&str]) -> Instance {
    instance(K3D, set)
}

/// Files with a pair, and the values that name them.
struct Files {
    folder: TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), authority: authority("Root", None) }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn put(&self, (certificate, key): &(String, String)) {
        for (name, text) in [("a.crt", certificate), ("a.key", key)] {
            std::fs::write(Path::new(&self.path(name)), text).expect("a file");
        }
    }

    fn issue(&self, from: i64, until: i64) -> (String, String) {
        issued(&self.authority, &Wish { from, until, ..FITTING })
    }

    fn instance(&self) -> Instance {
        let (certificate, key) = (self.path("a.crt"), self.path("a.key"));
        let certificate = format!("certificate_crt_file_path={certificate}");
        county(&["cert_source=specify-file-path", &certificate, &format!("certificate_key_file_path={key}"), HOST])
    }
}

pub(super) fn deploys(sandbox: &Arc<Sandbox>, plan: Plan) {
    let cluster = Arc::clone(sandbox) as Arc<dyn Cluster>;
    let events: Vec<_> = block_on(deploy(cluster, plan, Options::default()).collect());
    let Some(Event::Finished(outcome)) = events.last() else { panic!("no outcome") };
    assert!(outcome.result.is_ok(), "{outcome:?}");
}

fn planned(sandbox: &Sandbox, instance: &Instance) -> Plan {
    block_on(plan(sandbox, instance.clone())).expect("a plan")
}

fn deployed(sandbox: &Arc<Sandbox>, instance: &Instance) -> Plan {
    deploys(sandbox, planned(sandbox, instance));
    planned(sandbox, instance)
}

pub(super) fn change(plan: &Plan, secret: &str) -> &'static str {
    let step = plan.steps().iter().find(|step| step.manifest.object.key() == key(secret));
    step.map_or("not wanted", |step| step.change.as_str())
}

fn key(secret: &str) -> ObjectKey {
    ObjectKey::new(Kind::Secret, NAMESPACE, secret)
}

pub(super) fn pair_in(sandbox: &Sandbox, secret: &str) -> Pair {
    let live = block_on(sandbox.get(&key(secret))).expect("an answer").expect("a Secret");
    LiveCertificate::of(&live).pair.expect("a pair")
}

/// Puts a pair there as `kubectl create secret tls` does.
fn put_by_kubectl(sandbox: &Sandbox, (certificate, key): &(String, String)) {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    sandbox.apply_as("kubectl", namespace).expect("a namespace");
    let data = |text: &str| ByteString(text.as_bytes().to_vec());
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": { "name": TLS_SECRET, "namespace": NAMESPACE },
        "data": { "tls.crt": data(certificate), "tls.key": data(key) },
    });
    sandbox.apply_as("kubectl-create", secret).expect("a Secret");
}

#[test]
fn files_are_copied_once_and_again_when_they_are_newer() {
    let (sandbox, files) = (sandbox(), Files::new());
    let first = files.issue(-10, 300);
    files.put(&first);
    let instance = files.instance();
    let again = deployed(&sandbox, &instance);
    assert!(again.is_unchanged() && again.notes().is_empty(), "{:?}", again.notes());
    assert_eq!(again.hash(), planned(&sandbox, &instance).hash());
    // The same pair with other text around it is the same pair.
    files.put(&(format!("a comment\n{}", first.0), first.1.clone()));
    assert!(planned(&sandbox, &instance).is_unchanged());

    files.put(&files.issue(-20, 400));
    let older = planned(&sandbox, &instance);
    assert!(older.is_unchanged());
    assert!(older.notes().iter().any(|note| note.contains("holds a newer certificate")), "{:?}", older.notes());

    let newer = files.issue(-5, 400);
    files.put(&newer);
    let plan = planned(&sandbox, &instance);
    assert_eq!(change(&plan, TLS_SECRET), "change");
    assert_eq!(plan.hash(), planned(&sandbox, &instance).hash());
    deploys(&sandbox, plan);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, newer.0);
}

#[test]
fn older_files_are_copied_where_they_outlast_what_ends_soon() {
    let (sandbox, files) = (sandbox(), Files::new());
    files.put(&files.issue(-5, 20));
    let instance = files.instance();
    let again = deployed(&sandbox, &instance);
    assert!(again.is_unchanged());
    assert!(again.notes().iter().any(|note| note.contains("have a new one issued")), "{:?}", again.notes());
    files.put(&files.issue(-10, 300));
    assert_eq!(change(&planned(&sandbox, &instance), TLS_SECRET), "change");
}

#[test]
fn a_bad_file_ends_it_before_anything_is_written() {
    let (sandbox, files) = (sandbox(), Files::new());
    let (certificate, _) = files.issue(-10, 300);
    let (_, other_key) = files.issue(-10, 300);
    files.put(&(certificate, other_key));
    let refused = block_on(plan(&*sandbox, files.instance())).expect_err("no plan");
    assert!(matches!(&refused, PlanError::Certificate(_)), "{refused:?}");
    let text = refused.to_string();
    assert!(text.starts_with("--set certificate_key_file_path: certificate_key_file_path: the key in "), "{text}");
    assert!(text.contains("is not the key of the certificate in"), "{text}");
    let namespace = block_on(sandbox.get(&ObjectKey::new(Kind::Namespace, "", NAMESPACE))).expect("an answer");
    assert!(namespace.is_none());
}

#[test]
fn what_is_self_signed_stays_until_its_last_month() {
    let sandbox = sandbox();
    let instance = county(&SELF_SIGNED);
    let first = planned(&sandbox, &instance);
    assert_eq!(first.hash(), planned(&sandbox, &instance).hash(), "what is made is in no hash");
    let again = deployed(&sandbox, &instance);
    assert!(again.is_unchanged() && again.notes().is_empty(), "{:?}", again.notes());
    let (leaf, root) = (pair_in(&sandbox, TLS_SECRET), pair_in(&sandbox, AUTHORITY_SECRET));
    assert_eq!(leaf.chain().leaf().names, ["cht.example.org"]);
    let lives =
        |pair: &Pair| pair.chain().leaf().not_after.duration_since(pair.chain().leaf().not_before).as_hours() / 24;
    assert_eq!((lives(&leaf), lives(&root)), (397, 3650));

    pass(&sandbox, 360);
    assert!(planned(&sandbox, &instance).is_unchanged());
    pass(&sandbox, 10);
    let due = planned(&sandbox, &instance);
    assert_eq!((change(&due, TLS_SECRET), change(&due, AUTHORITY_SECRET)), ("change", "unchanged"));
    assert_eq!(due.hash(), planned(&sandbox, &instance).hash());
    deploys(&sandbox, due);
    assert_eq!(pair_in(&sandbox, AUTHORITY_SECRET).certificate, root.certificate, "people have installed it");
    assert!(pair_in(&sandbox, TLS_SECRET).chain().leaf().not_before > leaf.chain().leaf().not_before);
    let status = block_on(certificate_status(&*sandbox, &instance)).expect("a status");
    assert_eq!((status.state, status.made_by.as_deref()), (CertificateState::Right, Some("self-signed")));
}

#[test]
fn another_host_has_another_certificate_of_the_same_authority() {
    let sandbox = sandbox();
    let _ = deployed(&sandbox, &county(&SELF_SIGNED));
    let root = pair_in(&sandbox, AUTHORITY_SECRET).certificate;
    let moved = county(&["cert_source=self-signed", "ingress.host=other.example.org"]);
    let plan = planned(&sandbox, &moved);
    assert!(
        plan.notes().iter().any(|note| note.contains("is for cht.example.org, not for other.example.org")),
        "{:?}",
        plan.notes()
    );
    deploys(&sandbox, plan);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).chain().leaf().names, ["other.example.org"]);
    assert_eq!(pair_in(&sandbox, AUTHORITY_SECRET).certificate, root);
}

#[test]
fn what_a_person_made_is_left_without_a_source_and_taken_over_with_one() {
    let files = Files::new();
    let theirs = files.issue(-10, 300);
    let sandbox = sandbox();
    put_by_kubectl(&sandbox, &theirs);
    let without = deployed(&sandbox, &county(&[HOST]));
    assert_eq!(change(&without, TLS_SECRET), "not wanted");

    // It is right, so it stays.
    let plan = planned(&sandbox, &county(&SELF_SIGNED));
    let step = plan.steps().iter().find(|step| step.manifest.object.key() == key(TLS_SECRET)).expect("wanted");
    assert!(!matches!(step.change, Change::Conflict { .. }), "{:?}", step.change);
    deploys(&sandbox, plan);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, theirs.0);

    let newer = files.issue(-5, 300);
    files.put(&newer);
    let plan = planned(&sandbox, &files.instance());
    let step = plan.steps().iter().find(|step| step.manifest.object.key() == key(TLS_SECRET)).expect("wanted");
    assert!(
        matches!(&step.change, Change::Adopt { owners, .. } if owners.iter().all(|owner| owner.manager == "kubectl-create"))
    );
    deploys(&sandbox, plan);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, newer.0);
}

#[test]
fn what_is_no_pair_is_replaced() {
    let sandbox = sandbox();
    put_by_kubectl(&sandbox, &("none".to_owned(), "none".to_owned()));
    let plan = planned(&sandbox, &county(&SELF_SIGNED));
    assert!(plan.notes().iter().any(|note| note.contains("holds no PEM")), "{:?}", plan.notes());
    deploys(&sandbox, plan);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).chain().leaf().issuer, "CN=CHT county-a in county-a");
}

#[test]
fn another_source_has_its_certificate_though_it_is_older() {
    let (sandbox, files) = (sandbox(), Files::new());
    let _ = deployed(&sandbox, &county(&SELF_SIGNED));
    let older = files.issue(-100, 300);
    files.put(&older);
    let again = deployed(&sandbox, &files.instance());
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, older.0);
    assert!(again.is_unchanged(), "{:?}", again.notes());
    // The authority is kept for the day on which it is wanted again.
    let _ = pair_in(&sandbox, AUTHORITY_SECRET);
}

#[test]
fn neither_drift_nor_a_rollback_brings_an_old_certificate_back() {
    let (sandbox, files) = (sandbox(), Files::new());
    files.put(&files.issue(-10, 300));
    let instance = files.instance();
    let _ = deployed(&sandbox, &instance);
    let newer = files.issue(-5, 300);
    files.put(&newer);
    let _ = deployed(&sandbox, &instance);
    let set = files.issue(-1, 300);
    let data =
        json!({ "tls.crt": ByteString(set.0.clone().into_bytes()), "tls.key": ByteString(set.1.clone().into_bytes()) });
    sandbox.update_as("kubectl-edit", &key(TLS_SECRET), |secret| secret["data"] = data).expect("an edit");
    assert_eq!(block_on(drift(&*sandbox, &instance)).expect("a drift").drifted, []);
    let back = block_on(plan_rollback(&*sandbox, &instance, Some(1))).expect("a plan");
    assert_eq!(change(&back, TLS_SECRET), "not wanted");
    deploys(&sandbox, back);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, set.0);
}

#[test]
fn nothing_that_is_recorded_or_shown_holds_a_key() {
    let sandbox = sandbox();
    let plan = planned(&sandbox, &county(&SELF_SIGNED));
    let shown = format!("{plan:?} {}", serde_json::to_string(&plan.record()).expect("a record"));
    deploys(&sandbox, plan);
    let listing = block_on(sandbox.list(Kind::ConfigMap, Some(NAMESPACE))).expect("a list");
    let records: Vec<_> = listing.items.iter().map(|object| object.value().clone()).collect();
    let all = format!("{shown} {}", Value::from(records));
    for secret in [TLS_SECRET, AUTHORITY_SECRET] {
        let live = block_on(sandbox.get(&key(secret))).expect("an answer").expect("a Secret");
        let encoded = live.text("/data/tls.key").expect("a key").to_owned();
        let plain = String::from_utf8(LiveCertificate::of(&live).data["tls.key"].clone()).expect("PEM");
        for part in [&encoded[60..100], plain.lines().nth(1).expect("a line")] {
            assert!(!all.contains(part), "{secret}");
        }
    }
}

#[test]
fn others_certificates_are_looked_at_and_left() {
    let (sandbox, files) = (sandbox(), Files::new());
    let managed = county(&["cert_source=cert-manager", "certificate_issuer=letsencrypt", HOST]);
    let plan = planned(&sandbox, &managed);
    assert_eq!(change(&plan, TLS_SECRET), "not wanted");
    let existing = county(&["cert_source=existing-secret", HOST]);
    let missing = planned(&sandbox, &existing);
    put_by_kubectl(&sandbox, &files.issue(-10, -1));
    let expired = planned(&sandbox, &existing);
    let about = |plan: &Plan| plan.notes().iter().find(|note| note.contains(TLS_SECRET)).cloned().expect("a note");
    insta::assert_snapshot!([about(&plan), about(&missing), about(&expired)].join("\n"));
    put_by_kubectl(&sandbox, &files.issue(-10, 100));
    assert!(planned(&sandbox, &existing).notes().iter().all(|note| !note.contains(TLS_SECRET)));
}

#[test]
fn a_pair_that_is_set_stays_until_it_is_due() {
    let (sandbox, files) = (sandbox(), Files::new());
    let instance = county(&SELF_SIGNED);
    let _ = deployed(&sandbox, &instance);
    let (certificate, private) = files.issue(-200, 100);
    let pair = read(&certificate, &private).expect("a pair");
    let given = block_on(super::super::given(&*sandbox, &instance, &pair)).expect("a replacement");
    assert_eq!(given.old.as_ref().map(|old| old.issuer.as_str()), Some("CN=CHT county-a in county-a"));
    let cluster = Arc::clone(&sandbox) as Arc<dyn Cluster>;
    block_on(super::super::replace(cluster, given, Options::default(), |_| ())).expect("written");
    let status = block_on(certificate_status(&*sandbox, &instance)).expect("a status");
    assert_eq!((status.state, status.made_by), (CertificateState::Right, None));
    assert_eq!(change(&planned(&sandbox, &instance), TLS_SECRET), "unchanged");
    pass(&sandbox, 80);
    assert_eq!(change(&planned(&sandbox, &instance), TLS_SECRET), "change");
}

#[test]
fn what_has_changed_meanwhile_is_not_replaced() {
    let (sandbox, files) = (sandbox(), Files::new());
    let instance = county(&[HOST]);
    put_by_kubectl(&sandbox, &files.issue(-10, 100));
    let (certificate, private) = files.issue(-5, 100);
    let pair = read(&certificate, &private).expect("a pair");
    let given = block_on(super::super::given(&*sandbox, &instance, &pair)).expect("a replacement");
    let between = files.issue(-3, 100);
    put_by_kubectl(&sandbox, &between);
    let cluster = Arc::clone(&sandbox) as Arc<dyn Cluster>;
    let refused = block_on(super::super::replace(cluster, given, Options::default(), |_| ()));
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, between.0);
}
