use super::*;
use crate::ClusterError;
use crate::doctor::Verdict;
use crate::doctor::testing::verdicts;
use crate::tls::Certificate;

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

fn at(date: &str) -> Timestamp {
    format!("{date}T00:00:00Z").parse().expect("a time")
}

fn certificate() -> Certificate {
    Certificate::first_in(CERTIFICATE_OF_2026.as_bytes()).expect("a certificate")
}

fn status(state: CertificateState) -> CertificateStatus {
    CertificateStatus {
        source: None,
        place: "Secret/api-tls-secret".to_owned(),
        made_by: None,
        hosts: vec!["cht.example.org".to_owned()],
        certificate: Some(certificate()),
        not_after: Some(certificate().not_after),
        now: at("2026-06-01"),
        state,
    }
}

fn unfit(fault: CertificateFault) -> CertificateState {
    CertificateState::Unfit(fault)
}

#[test]
fn a_certificate_has_to_hold_for_a_while() {
    let holds = [certificate().not_before, certificate().not_after];
    for (now, verdict, says) in [
        ("2025-12-31", Verdict::Fatal, "holds from 2026-01-01"),
        ("2026-06-01", Verdict::Ok, "holds until 2027-01-01"),
        ("2026-12-01", Verdict::Ok, "holds until"),
        ("2026-12-03", Verdict::Warning, "in 29 days"),
        ("2027-01-01", Verdict::Fatal, "ran out on 2027-01-01"),
    ] {
        let found = expiry(Check::ClientCertificate, "it", holds, at(now), "renew it");
        assert_eq!(found.verdict, verdict, "{now}: {found:?}");
        assert!(found.message.contains(says), "{found:?}");
    }
}

#[test]
fn what_ends_first_ends_the_chain() {
    let found =
        judge(&Ok(CertificateStatus { not_after: Some(at("2026-06-08")), ..status(CertificateState::EndsSoon) }));
    assert_eq!(verdicts(&found), [Verdict::Ok, Verdict::Warning, Verdict::Ok], "{found:?}");
    assert_eq!(found[1].message, "the certificate runs out on 2026-06-08, in 7 days");
}

#[test]
fn each_state_has_its_findings() {
    let file = || "tls.crt of Secret/api-tls-secret".to_owned();
    let subject = || "CN=cht.example.org".to_owned();
    let names = || vec!["cht.example.org".to_owned()];
    let other = CertificateFault::OtherHost { file: file(), host: "a.example.org".to_owned(), names: names() };
    for (state, expected, last) in [
        (CertificateState::Right, &[Verdict::Ok; 3][..], Check::TlsHost),
        (CertificateState::Missing, &[Verdict::Warning], Check::TlsSecret),
        (CertificateState::NotUsed, &[Verdict::Ok], Check::TlsSecret),
        (CertificateState::Elsewhere, &[Verdict::Unknown], Check::TlsSecret),
        (
            unfit(CertificateFault::Expired { file: file(), subject: subject(), at: at("2026-01-02") }),
            &[Verdict::Ok, Verdict::Fatal],
            Check::TlsExpiry,
        ),
        (unfit(other), &[Verdict::Ok, Verdict::Warning], Check::TlsHost),
        (unfit(CertificateFault::Damaged { file: file() }), &[Verdict::Fatal], Check::TlsSecret),
    ] {
        let found = judge(&Ok(status(state)));
        assert_eq!(verdicts(&found), expected, "{found:?}");
        assert_eq!(found.last().map(|finding| finding.check), Some(last), "{found:?}");
    }
}

#[test]
fn an_ingress_for_every_host_asks_for_no_name() {
    let found = judge(&Ok(CertificateStatus { hosts: Vec::new(), ..status(CertificateState::Right) }));
    assert_eq!(verdicts(&found), [Verdict::Ok, Verdict::Ok], "{found:?}");
}

#[test]
fn what_may_not_be_seen_is_not_checked() {
    let error = ClusterError::Forbidden { object: "Secret".to_owned(), message: "no".to_owned() };
    assert_eq!(verdicts(&judge(&Err(error))), [Verdict::Unknown]);
}

#[test]
fn what_to_do_depends_on_where_it_comes_from() {
    for (source, says) in
        [(None, "cht tls set"), (Some("self-signed"), "cht deploy"), (Some("cert-manager"), "kubectl describe")]
    {
        let found = judge(&Ok(CertificateStatus { source, ..status(CertificateState::Missing) }));
        assert!(found[0].hint.as_ref().is_some_and(|hint| hint.contains(says)), "{found:?}");
    }
}
