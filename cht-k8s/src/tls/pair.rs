//! A certificate with its key, checked to belong together.

use std::collections::BTreeMap;

use pem::{EncodeConfig, LineEnding, Pem};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use secrecy::{ExposeSecret, SecretString};

use super::chain::{Certificate, Chain};
use super::fault::CertificateFault;

pub(crate) const CERTIFICATE: &str = "tls.crt";
pub(crate) const KEY: &str = "tls.key";

/// Where a pair is from, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairNames {
    /// The certificate's file.
    pub certificate: String,
    /// The key's file.
    pub key: String,
}

/// A certificate with its chain and its key, which belong together. The texts are PEM, with nothing around the sections.
#[derive(Debug, Clone)]
pub struct Pair {
    pub(super) certificate: String,
    pub(super) key: SecretString,
    pub(super) chain: Chain,
}

impl Pair {
    /// Reads a certificate with its chain, and its key.
    ///
    /// # Errors
    ///
    /// When they are not readable, or do not belong together. Whether they hold today, and for a host, is not looked at.
    pub fn read(certificate: &[u8], key: &[u8], names: &PairNames) -> Result<Self, CertificateFault> {
        let in_certificate = sections(certificate, &names.certificate, "CERTIFICATE")?;
        let in_key = sections(key, &names.key, "PRIVATE KEY")?;
        let certificates: Vec<_> = in_certificate.iter().filter(|pem| pem.tag() == "CERTIFICATE").cloned().collect();
        let keys: Vec<_> = in_key.iter().filter(|pem| is_key(pem)).cloned().collect();
        if certificates.is_empty() && in_certificate.iter().any(is_key) && has_certificate(&in_key) && keys.is_empty() {
            let (certificate, key) = (names.certificate.clone(), names.key.clone());
            return Err(CertificateFault::Swapped { certificate, key });
        }
        if certificates.is_empty() {
            let (file, found) = (names.certificate.clone(), tags(&in_certificate));
            return Err(CertificateFault::NoCertificate { file, found });
        }
        let chain = chain(&certificates, &names.certificate)?;
        let file = names.key.clone();
        let key = match keys.as_slice() {
            [] => return Err(CertificateFault::NoKey { file, found: tags(&in_key) }),
            [key] if is_encrypted(key) => return Err(CertificateFault::EncryptedKey { file }),
            [key] => key,
            several => return Err(CertificateFault::SeveralKeys { file, count: several.len() }),
        };
        let public = public_key(key).ok_or(CertificateFault::UnusableKey { file })?;
        match chain.certificates.iter().position(|certificate| certificate.public_key == public) {
            Some(0) => {}
            Some(n) => return Err(CertificateFault::LeafNotFirst { file: chain.file, number: n + 1 }),
            None => {
                let (certificate, key) = (names.certificate.clone(), names.key.clone());
                return Err(CertificateFault::WrongKey { certificate, key, subject: chain.leaf().subject.clone() });
            }
        }
        chain.check_order()?;
        let certificate: String = certificates.iter().map(|pem| encoded(pem.tag(), pem.contents())).collect();
        Ok(Self { certificate, key: encoded(key.tag(), key.contents()).into(), chain })
    }

    /// What a Secret of type `kubernetes.io/tls` holds, where that is a pair.
    pub(super) fn in_secret(data: &BTreeMap<String, Vec<u8>>, secret: &str) -> Result<Self, CertificateFault> {
        let entry = |name: &str| data.get(name).map(Vec::as_slice).unwrap_or_default();
        let file = |name: &str| format!("{name} of {secret}");
        let names = PairNames { certificate: file(CERTIFICATE), key: file(KEY) };
        Self::read(entry(CERTIFICATE), entry(KEY), &names)
    }

    /// What a Secret of type `kubernetes.io/tls` holds of it.
    pub(super) fn data(&self) -> BTreeMap<String, Vec<u8>> {
        let key = self.key.expose_secret().as_bytes().to_vec();
        BTreeMap::from([(CERTIFICATE.to_owned(), self.certificate.as_bytes().to_vec()), (KEY.to_owned(), key)])
    }

    /// What the certificate and its issuers say.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Whether it is the same certificate with the same key.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.certificate == other.certificate && self.key.expose_secret() == other.key.expose_secret()
    }
}

/// A PEM section with its text.
pub(super) fn encoded(tag: &str, contents: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(tag, contents), config)
}

fn sections(bytes: &[u8], file: &str, wanted: &'static str) -> Result<Vec<Pem>, CertificateFault> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let begun = bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count();
    if begun == 0 {
        return Err(CertificateFault::NotPem { file: file.to_owned(), wanted });
    }
    match pem::parse_many(bytes) {
        Ok(sections) if sections.len() == begun => Ok(sections),
        _ => Err(CertificateFault::Damaged { file: file.to_owned() }),
    }
}

fn is_key(section: &Pem) -> bool {
    section.tag().ends_with("PRIVATE KEY")
}

fn has_certificate(sections: &[Pem]) -> bool {
    sections.iter().any(|section| section.tag() == "CERTIFICATE")
}

fn is_encrypted(key: &Pem) -> bool {
    key.tag().starts_with("ENCRYPTED") || key.headers().get("DEK-Info").is_some()
}

/// What sections are, for a message.
fn tags(sections: &[Pem]) -> String {
    const SHOWN: usize = 3;
    let tags = sections.iter().take(SHOWN).map(|section| section.tag().chars().take(40).collect::<String>());
    tags.map(|tag| tag.escape_debug().to_string()).collect::<Vec<_>>().join(", ")
}

fn chain(certificates: &[Pem], file: &str) -> Result<Chain, CertificateFault> {
    let read = |(n, pem): (usize, &Pem)| {
        let fault = CertificateFault::NotACertificate { file: file.to_owned(), number: n + 1 };
        Certificate::read(pem.contents()).ok_or(fault)
    };
    let certificates = certificates.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Chain { file: file.to_owned(), certificates })
}

/// The public part of a key, as certificates have it.
fn public_key(key: &Pem) -> Option<Vec<u8>> {
    let der = key.contents().to_vec();
    let der = match key.tag() {
        "RSA PRIVATE KEY" => PrivateKeyDer::Pkcs1(der.into()),
        "EC PRIVATE KEY" => PrivateKeyDer::Sec1(der.into()),
        _ => PrivateKeyDer::Pkcs8(der.into()),
    };
    any_supported_type(&der).ok()?.public_key().map(|public| public.to_vec())
}
