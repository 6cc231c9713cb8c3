//! When a deploy makes, copies or keeps a certificate.

use cht_manifests::{AUTHORITY_SECRET, Kind, ObjectKey};
use cht_model::TLS_SECRET;
use futures::executor::block_on;

use super::super::{CertificateState, Pair, certificate_status};
use super::scene::{Files, NAMESPACE, SELF_SIGNED, change, county, deployed, deploys, pair_in, pass, planned, sandbox};
use crate::Cluster;
use crate::plan::{PlanError, plan};

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
