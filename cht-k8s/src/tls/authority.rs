//! Certificates of the instance's own: an authority that people install once, and what it issues.

use std::time::Duration;

use cht_model::{NamespaceName, ProjectName};
use k8s_openapi::jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use secrecy::{ExposeSecret, SecretString};

use super::chain::Chain;
use super::pair::{Pair, PairNames, encoded};

const DAY: Duration = Duration::from_hours(24);
/// Browsers take no certificate that holds for longer.
const LEAF_DAYS: u32 = 397;
const AUTHORITY_DAYS: u32 = 3650;
/// Machines whose clock is behind take a new certificate, too.
const BEFORE: Duration = Duration::from_hours(1);

/// No certificate could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate can be made: {0}")]
pub struct NotIssued(String);

impl From<rcgen::Error> for NotIssued {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

/// A new authority.
pub(super) fn new_authority(
    project: &ProjectName,
    namespace: &NamespaceName,
    now: Timestamp,
) -> Result<Pair, NotIssued> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&format!("CHT {project} in {namespace}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    hold(&mut params, now, AUTHORITY_DAYS, None);
    let key = KeyPair::generate()?;
    pair(&params.self_signed(&key)?.pem(), &key)
}

/// A certificate for these hosts, with the authority's after it.
pub(super) fn issue(authority: &Pair, hosts: &[String], now: Timestamp) -> Result<Pair, NotIssued> {
    let unusable = |error| NotIssued(format!("the authority in Secret/api-tls-ca cannot issue any: {error}"));
    let key = KeyPair::from_pem(authority.key.expose_secret()).map_err(unusable)?;
    let issuer = Issuer::from_ca_cert_pem(&authority.certificate, key).map_err(unusable)?;
    let mut params = CertificateParams::new(hosts)?;
    // The hosts are in the names; 64 characters are what a common name may have.
    params.distinguished_name = named(hosts.first().filter(|host| host.len() <= 64).map_or("CHT", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    hold(&mut params, now, LEAF_DAYS, Some(authority.chain()));
    let key = KeyPair::generate()?;
    pair(&format!("{}{}", params.signed_by(&key, &issuer)?.pem(), authority.certificate), &key)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// Has a certificate hold from now, for so many days, and no longer than its issuer.
fn hold(params: &mut CertificateParams, now: Timestamp, days: u32, issuer: Option<&Chain>) {
    let from = now.checked_sub(BEFORE).unwrap_or(now);
    let until = from.checked_add(DAY * days).unwrap_or(from);
    let until = issuer.map_or(until, |issuer| until.min(issuer.not_after()));
    let since_epoch = |time: Timestamp| Duration::from_secs(time.as_second().try_into().unwrap_or_default());
    params.not_before = date_time_ymd(1970, 1, 1) + since_epoch(from);
    params.not_after = date_time_ymd(1970, 1, 1) + since_epoch(until);
}

fn pair(certificate: &str, key: &KeyPair) -> Result<Pair, NotIssued> {
    let key: SecretString = encoded("PRIVATE KEY", key.serialized_der()).into();
    let made = |what: &str| format!("the new {what}");
    let names = PairNames { certificate: made("certificate"), key: made("key") };
    Pair::read(certificate.as_bytes(), key.expose_secret().as_bytes(), &names)
        .map_err(|fault| NotIssued(fault.to_string()))
}
