//! What is wrong with a certificate or its key.

use k8s_openapi::jiff::Timestamp;

use super::pair::PairNames;

/// Why a certificate and a key cannot be served. Says nothing of what is in the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A file is larger than any certificate.
    #[error("{file} has more than {most} bytes, and certificates have far less; name the file with the certificate")]
    TooLarge {
        /// The file.
        file: String,
        /// How many it may have.
        most: u64,
    },
    /// A file is no PEM.
    #[error("{file} holds no PEM; it must have a section that begins with -----BEGIN {wanted}-----{}", of_der(wanted))]
    NotPem {
        /// The file.
        file: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// A section of a file is cut off, or not readable.
    #[error("{file} is damaged: one of its PEM sections is cut off or no Base64; copy the file anew")]
    Damaged {
        /// The file.
        file: String,
    },
    /// The two files stand in each other's place.
    #[error("{certificate} holds the key and {key} the certificate; exchange the two")]
    Swapped {
        /// The file of the certificate.
        certificate: String,
        /// The file of the key.
        key: String,
    },
    /// A file holds no certificate.
    #[error(
        "{file} holds no certificate, but {found}; it must have a section that begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate {
        /// The file.
        file: String,
        /// What it holds.
        found: String,
    },
    /// A file holds no key.
    #[error("{file} holds no key, but {found}; it must have a section that begins with -----BEGIN PRIVATE KEY-----")]
    NoKey {
        /// The file.
        file: String,
        /// What it holds.
        found: String,
    },
    /// A file holds several keys.
    #[error("{file} holds {count} keys; leave the one that the certificate was issued for")]
    SeveralKeys {
        /// The file.
        file: String,
        /// How many.
        count: usize,
    },
    /// A key is encrypted.
    #[error(
        "the key in {file} is encrypted, and ingress controllers know no passphrase; write it without one: openssl pkey -in FILE -out NEW"
    )]
    EncryptedKey {
        /// The file.
        file: String,
    },
    /// A key is damaged, or of a kind that is not known.
    #[error(
        "the key in {file} cannot be used; it must be RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519, and whole"
    )]
    UnusableKey {
        /// The file.
        file: String,
    },
    /// A section of a file says that it is a certificate and is none.
    #[error("certificate {number} in {file} is damaged; copy the file anew")]
    NotACertificate {
        /// The file.
        file: String,
        /// Which, from 1.
        number: usize,
    },
    /// A key is of none of the certificates.
    #[error(
        "the key in {key} is not the key of the certificate in {certificate} ({subject}); name the two that were made together"
    )]
    WrongKey {
        /// The file of the certificate.
        certificate: String,
        /// The file of the key.
        key: String,
        /// Whose certificate it is.
        subject: String,
    },
    /// The certificate of the key is not the first one.
    #[error(
        "the certificate of the key is number {number} in {file}; put it first, and after it those of its issuers, in order"
    )]
    LeafNotFirst {
        /// The file.
        file: String,
        /// Which it is, from 1.
        number: usize,
    },
    /// A certificate is not followed by its issuer's.
    #[error(
        "certificate {number} in {file} ({subject}) is not the issuer of the one before it; there belongs the one of {wanted}, or none"
    )]
    OutOfOrder {
        /// The file.
        file: String,
        /// Which, from 1.
        number: usize,
        /// Whose certificate it is.
        subject: String,
        /// Whose should be there.
        wanted: String,
    },
    /// A certificate is of the future.
    #[error(
        "the certificate of {subject} in {file} is not valid before {from}; look at the clock of this machine, or wait"
    )]
    NotYetValid {
        /// The file.
        file: String,
        /// Whose certificate it is.
        subject: String,
        /// When it begins.
        from: Timestamp,
    },
    /// A certificate is of the past.
    #[error("the certificate of {subject} in {file} expired on {at}; have a new one issued")]
    Expired {
        /// The file.
        file: String,
        /// Whose certificate it is.
        subject: String,
        /// When it ended.
        at: Timestamp,
    },
    /// A certificate is for other hosts.
    #[error(
        "the certificate in {file} is for {}, not for {host}; have one issued for that, or look at ingress.host",
        listed(names)
    )]
    OtherHost {
        /// The file.
        file: String,
        /// The host that it should be for.
        host: String,
        /// The names that it is for.
        names: Vec<String>,
    },
}

impl CertificateFault {
    /// Whether it is the key's file that has to be another one.
    pub(super) fn is_of_key(&self, names: &PairNames) -> bool {
        match self {
            Self::NoKey { .. }
            | Self::SeveralKeys { .. }
            | Self::EncryptedKey { .. }
            | Self::UnusableKey { .. }
            | Self::WrongKey { .. } => true,
            Self::Unreadable { file, .. } | Self::TooLarge { file, .. } | Self::Damaged { file } => *file == names.key,
            Self::NotPem { wanted, .. } => *wanted != "CERTIFICATE",
            _ => false,
        }
    }
}

fn of_der(wanted: &str) -> &'static str {
    match wanted {
        "CERTIFICATE" => "; from DER it is made with openssl x509 -inform der -in FILE -out NEW",
        _ => "; from DER it is made with openssl pkey -inform der -in FILE -out NEW",
    }
}

/// Names for a message, the first few of them.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    match names.len() {
        0 => "no host at all".to_owned(),
        count if count > SHOWN => format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN),
        _ => names.join(", "),
    }
}
