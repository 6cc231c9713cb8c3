//! Pairs as tests want them.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

use super::super::{Pair, PairNames};

/// The day in which the tests live, beyond that of any machine: 2090-01-01.
pub(super) const NOW: i64 = 3_786_912_000;
pub(super) const DAY: i64 = 24 * 60 * 60;

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}

/// An authority, for the tests of chains.
pub(super) struct Authority {
    pub(super) pem: String,
    pub(super) key: KeyPair,
}

/// What a certificate is to say.
pub(super) struct Wish<'a> {
    pub(super) hosts: &'a [&'a str],
    /// In days from now.
    pub(super) from: i64,
    pub(super) until: i64,
}

pub(super) const FITTING: Wish<'static> = Wish { hosts: &["cht.example.org"], from: -10, until: 300 };

fn params(name: &str, wish: &Wish<'_>) -> CertificateParams {
    let mut params =
        CertificateParams::new(wish.hosts.iter().map(ToString::to_string).collect::<Vec<_>>()).expect("hosts");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let at =
        |days: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(NOW + days * DAY).expect("a time"));
    (params.not_before, params.not_after) = (at(wish.from), at(wish.until));
    params
}

/// An authority of this name, issued by another one where there is one.
pub(super) fn authority(name: &str, by: Option<&Authority>) -> Authority {
    let key = KeyPair::generate().expect("a key");
    let mut params = params(name, &Wish { hosts: &[], from: -1000, until: 3000 });
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = match by {
        None => params.self_signed(&key),
        Some(by) => params.signed_by(&key, &issuer(by)),
    };
    Authority { pem: certificate.expect("a certificate").pem(), key }
}

fn issuer(authority: &Authority) -> Issuer<'_, &KeyPair> {
    Issuer::from_ca_cert_pem(&authority.pem, &authority.key).expect("an issuer")
}

/// A certificate and its key, in PEM.
pub(super) fn issued(by: &Authority, wish: &Wish<'_>) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    (issued_for(&key, by, wish), key.serialize_pem())
}

pub(super) fn issued_for(key: &KeyPair, by: &Authority, wish: &Wish<'_>) -> String {
    params("clinic", wish).signed_by(key, &issuer(by)).expect("a certificate").pem()
}

pub(super) fn names() -> PairNames {
    PairNames { certificate: "tls/clinic.crt".to_owned(), key: "tls/clinic.key".to_owned() }
}

pub(super) fn read(certificate: &str, key: &str) -> Result<Pair, super::super::CertificateFault> {
    Pair::read(certificate.as_bytes(), key.as_bytes(), &names())
}
