//! Certificates that just work: where they are from, whether they are right, and when they are made anew.

mod authority;
mod chain;
mod error;
mod fault;
mod files;
mod host;
mod live;
mod local_ip;
mod pair;
mod source;
mod status;
#[cfg(test)]
mod tests;
mod wanted;
mod write;

pub use authority::NotIssued;
pub use chain::{Certificate, Chain};
pub use error::CertificateError;
pub use fault::CertificateFault;
pub use files::read_pair;
pub(crate) use live::keys;
pub use pair::{Pair, PairNames};
pub use status::{CertificateState, CertificateStatus, authority_certificate, certificate_status};
pub(crate) use wanted::wanted;
pub use write::{NotReplaced, Replacement, given, renewal, replace};
