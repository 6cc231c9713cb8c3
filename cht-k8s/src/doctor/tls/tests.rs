use cht_manifests::manifests;
use k8s_openapi::ByteString;
use serde_json::json;

use super::*;
use crate::ClusterError;
use crate::doctor::Verdict;
use crate::doctor::testing::{EKS, K3S, decode, verdicts};
use crate::health::testing::{K3D, instance};

/// For cht.example.org and every host right below county.example.org, throughout 2026.
const CERTIFICATE_OF_2026: &str = "\
-----BEGIN CERTIFICATE-----
MIIBdzCCARygAwIBAgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9jaHQuZXhh
bXBsZS5vcmcwHhcNMjYwMTAxMDAwMDAwWhcNMjcwMTAxMDAwMDAwWjAaMRgwFgYD
VQQDDA9jaHQuZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATd
sTb+q0siUIT2Mz62TgmZHSBtZmF4JTFZHZ4cCT1T9Zu7vbkDUQ4ayohvdCX77vNU
+vwC+K3boEkZIX0Tbwmzo1MwUTAwBgNVHREEKTAngg9jaHQuZXhhbXBsZS5vcmeC
FCouY291bnR5LmV4YW1wbGUub3JnMB0GA1UdDgQWBBRy+Xekh94AualSR7pL5Pj4
iVHIfTAKBggqhkjOPQQDAgNJADBGAiEAt7ftuvvQbPJuYFKuGCn/4ar+xvtuhim0
Z7XvvZVx6q0CIQCgLU04Du4stjNPSb/fZMjGxmwNPiJxhT1WE9WGXqGrXg==
-----END CERTIFICATE-----
";

/// Values with which the ingress uses the Secret.
const USED: &[&str] = &["cert_source=my-ip-co"];

fn at(date: &str) -> Timestamp {
    format!("{date}T00:00:00Z").parse().expect("a time")
}

fn secret(text: &str) -> Secret {
    let mut secret: Secret = decode(json!({ "metadata": { "name": SECRET } }));
    secret.data = Some([(CERTIFICATE.to_owned(), ByteString(text.into()))].into());
    secret
}

#[test]
fn a_certificate_has_to_hold_for_a_while() {
    for (now, verdict, says) in [
        ("2025-12-31", Verdict::Fatal, "holds from 2026-01-01"),
        ("2026-06-01", Verdict::Ok, "holds until 2027-01-01"),
        ("2026-12-01", Verdict::Ok, "holds until"),
        ("2026-12-03", Verdict::Warning, "in 29 days"),
        ("2027-01-02", Verdict::Fatal, "ran out on 2027-01-01"),
    ] {
        let found = judge(&manifests(&instance(K3S, USED)), &Ok(Some(secret(CERTIFICATE_OF_2026))), at(now));
        assert_eq!(verdicts(&found), [Verdict::Ok, verdict, Verdict::Ok], "{now}: {found:?}");
        assert!(found[1].message.contains(says), "{found:?}");
    }
}

#[test]
fn a_certificate_has_to_be_for_the_host() {
    for (host, verdict) in [
        ("cht.example.org", Verdict::Ok),
        ("north.county.example.org", Verdict::Ok),
        ("a.north.county.example.org", Verdict::Warning),
        ("county.example.org", Verdict::Warning),
        ("other.example.org", Verdict::Warning),
    ] {
        let set = [USED[0], &format!("ingress.host={host}")];
        let found = judge(&manifests(&instance(K3S, &set)), &Ok(Some(secret(CERTIFICATE_OF_2026))), at("2026-06-01"));
        assert_eq!(verdicts(&found), [Verdict::Ok, Verdict::Ok, verdict], "{host}: {found:?}");
    }
}

#[test]
fn a_secret_has_to_hold_a_certificate() {
    let refused = || ClusterError::Forbidden { object: "Secret".to_owned(), message: "no".to_owned() };
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (secret, set, verdict, says) in [
        (Ok(Some(secret(""))), USED, Verdict::Fatal, "no PEM block"),
        (Ok(Some(secret(key))), USED, Verdict::Fatal, "is no certificate"),
        (Ok(None), USED, Verdict::Warning, "is not there"),
        (Ok(None), &[][..], Verdict::Ok, "the values name no certificate"),
        (Err(refused()), USED, Verdict::Unknown, "refused"),
    ] {
        let found = judge(&manifests(&instance(K3S, set)), &secret, at("2026-06-01"));
        assert_eq!(verdicts(&found), [verdict], "{found:?}");
        assert!(found[0].message.contains(says), "{found:?}");
    }
}

#[test]
fn a_load_balancer_has_its_own() {
    let found = judge(&manifests(&instance(EKS, &[])), &Ok(None), at("2026-06-01"));
    assert_eq!(verdicts(&found), [Verdict::Unknown], "{found:?}");
}

#[test]
fn an_ingress_for_every_host_asks_for_no_name() {
    let found = judge(&manifests(&instance(K3D, &[])), &Ok(Some(secret(CERTIFICATE_OF_2026))), at("2026-06-01"));
    assert_eq!(verdicts(&found), [Verdict::Ok, Verdict::Ok], "{found:?}");
}
