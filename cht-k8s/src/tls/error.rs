//! Why there is no certificate.

use cht_model::Place;

use super::authority::NotIssued;
use super::fault::CertificateFault;

/// Why an instance has no certificate to serve, though its values say where one is from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The files that the values name are not right.
    #[error("{place}: {key}: {fault}")]
    Files {
        /// Where the file is named.
        place: Place,
        /// The key of the values that names it.
        key: &'static str,
        /// What is wrong.
        fault: Box<CertificateFault>,
    },
    /// The shared certificate could not be fetched.
    #[error(
        "the certificate of cert_source: my-ip-co could not be fetched in {tries} tries: {reason}; where there is no way \
         to the internet, write cert_source: self-signed, or specify-file-path with files of your own"
    )]
    NotFetched {
        /// How often it was tried.
        tries: usize,
        /// The last answer, or why there was none.
        reason: String,
    },
    /// The shared certificate was fetched, and is not right.
    #[error("the certificate of cert_source: my-ip-co cannot be served: {0}")]
    Fetched(Box<CertificateFault>),
    /// The instance's own could not be made.
    #[error(transparent)]
    NotIssued(#[from] NotIssued),
}
