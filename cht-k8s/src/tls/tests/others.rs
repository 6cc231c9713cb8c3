//! Certificates that people and other programs have made, and what is kept and shown of them.

use std::sync::Arc;

use cht_manifests::{AUTHORITY_SECRET, Kind};
use cht_model::TLS_SECRET;
use futures::executor::block_on;
use k8s_openapi::ByteString;
use serde_json::{Value, json};

use super::super::live::LiveCertificate;
use super::super::{CertificateState, certificate_status};
use super::made::read;
use super::scene::{
    Files, HOST, NAMESPACE, SELF_SIGNED, change, county, deployed, deploys, key, pair_in, pass, planned,
    put_by_kubectl, sandbox,
};
use crate::plan::{Change, Plan, plan_rollback};
use crate::{Cluster, Options, drift};

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
        let text = String::from_utf8(LiveCertificate::of(&live).data["tls.key"].clone()).expect("PEM");
        for part in [&encoded[60..100], text.lines().nth(1).expect("a line")] {
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
