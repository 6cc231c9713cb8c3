//! What certificates say: whose they are, for which hosts, who issued them, and how long they hold.

use std::net::IpAddr;

use k8s_openapi::jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use super::fault::CertificateFault;
use super::host::is_covered;

/// What one certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is, e.g. `CN=cht.example.org`.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The hosts and addresses that it is for.
    pub names: Vec<String>,
    /// When it begins to hold.
    pub not_before: Timestamp,
    /// When it ends to hold.
    pub not_after: Timestamp,
    pub(super) subject_der: Vec<u8>,
    pub(super) issuer_der: Vec<u8>,
    pub(super) public_key: Vec<u8>,
    pub(super) is_authority: bool,
}

impl Certificate {
    /// What the first certificate of a PEM text says; nothing where it holds none.
    pub(crate) fn first_in(text: &[u8]) -> Option<Self> {
        let sections = pem::parse_many(text).ok()?;
        sections
            .iter()
            .find(|section| section.tag() == "CERTIFICATE")
            .and_then(|section| Self::read(section.contents()))
    }

    /// What a certificate in DER says; nothing where it is none.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        let (subject, issuer, validity) = (certificate.subject(), certificate.issuer(), certificate.validity());
        let names = certificate.subject_alternative_name().ok()?;
        rest.is_empty().then_some(())?;
        Some(Self {
            subject: shown(subject),
            issuer: shown(issuer),
            names: names.iter().flat_map(|names| &names.value.general_names).filter_map(name).collect(),
            not_before: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            not_after: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
            subject_der: subject.as_raw().to_vec(),
            issuer_der: issuer.as_raw().to_vec(),
            public_key: certificate.public_key().raw.to_vec(),
            is_authority: certificate.is_ca(),
        })
    }
}

/// A name for people. Whoever made the certificate chose it: control characters are not shown as they are.
fn shown(name: &X509Name<'_>) -> String {
    let text = name.to_string().escape_debug().to_string();
    if text.is_empty() { "nobody".to_owned() } else { text }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.escape_debug().to_string()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// A certificate with those of its issuers, and the file that they are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub(super) file: String,
    /// Never empty: the first is the one that is served.
    pub(super) certificates: Vec<Certificate>,
}

impl Chain {
    /// The certificate that is served.
    pub fn leaf(&self) -> &Certificate {
        &self.certificates[0]
    }

    /// Until when all of it holds.
    pub fn not_after(&self) -> Timestamp {
        self.certificates.iter().map(|certificate| certificate.not_after).min().unwrap_or(Timestamp::MIN)
    }

    /// Refuses a chain that is not each certificate followed by its issuer's.
    pub(super) fn check_order(&self) -> Result<(), CertificateFault> {
        for (n, pair) in self.certificates.windows(2).enumerate() {
            let [certificate, issuer] = pair else { continue };
            if certificate.issuer_der != issuer.subject_der {
                let (subject, wanted) = (issuer.subject.clone(), certificate.issuer.clone());
                return Err(CertificateFault::OutOfOrder { file: self.file.clone(), number: n + 2, subject, wanted });
            }
        }
        Ok(())
    }

    /// Refuses a chain of which a part does not hold now.
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), CertificateFault> {
        for Certificate { subject, not_before, not_after, .. } in &self.certificates {
            let (file, subject) = (self.file.clone(), subject.clone());
            if *not_before > now {
                return Err(CertificateFault::NotYetValid { file, subject, from: *not_before });
            }
            if *not_after <= now {
                return Err(CertificateFault::Expired { file, subject, at: *not_after });
            }
        }
        Ok(())
    }

    /// Refuses a certificate that is not for one of these hosts.
    pub(crate) fn check_hosts(&self, hosts: &[String]) -> Result<(), CertificateFault> {
        let names = &self.leaf().names;
        match hosts.iter().find(|host| !is_covered(host, names)) {
            None => Ok(()),
            Some(host) => {
                let (file, host, names) = (self.file.clone(), host.clone(), names.clone());
                Err(CertificateFault::OtherHost { file, host, names })
            }
        }
    }
}
