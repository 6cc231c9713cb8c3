//! The sources of certificates that a deploy makes or copies itself.

use cht_model::{CertificateSource, FilePath, Instance};

/// A source whose Secret is the deploy's own.
#[derive(Clone, Copy)]
pub(super) enum Own<'a> {
    Files { certificate: &'a FilePath, key: &'a FilePath },
    LocalIp,
    SelfSigned,
}

impl<'a> Own<'a> {
    pub(super) fn of(instance: &'a Instance) -> Option<Self> {
        match instance.certificate()? {
            CertificateSource::Files { certificate, key } => Some(Self::Files { certificate, key }),
            CertificateSource::LocalIp => Some(Self::LocalIp),
            CertificateSource::SelfSigned => Some(Self::SelfSigned),
            CertificateSource::CertManager(_)
            | CertificateSource::ExistingSecret(_)
            | CertificateSource::LoadBalancer => None,
        }
    }

    /// The source's name in values.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Files { .. } => "specify-file-path",
            Self::LocalIp => "my-ip-co",
            Self::SelfSigned => "self-signed",
        }
    }
}

/// The hosts that a certificate must be for. Without one of their own, people open what this machine is called.
pub(super) fn hosts(instance: &Instance) -> Vec<String> {
    match (instance.platform().host(), instance.certificate()) {
        (Some(host), _) => vec![host.to_string()],
        (None, Some(CertificateSource::SelfSigned)) => ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
        (None, _) => Vec::new(),
    }
}
