//! Where the certificate comes from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{InvalidName, Place, SecretName};

/// The Secret with the certificate and its key, unless the values name another one.
pub const TLS_SECRET: &str = "api-tls-secret";

/// Where the certificate comes from (`cert_source`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateSource {
    /// `specify-file-path`: files on the machine that deploys.
    Files {
        /// `certificate_crt_file_path`: the certificate with its chain, PEM.
        certificate: FilePath,
        /// `certificate_key_file_path`: its key, PEM.
        key: FilePath,
    },
    /// `my-ip-co`: the shared development certificate of local-ip.medicmobile.org.
    LocalIp,
    /// `self-signed`: an authority of the instance's own issues it.
    SelfSigned,
    /// `cert-manager`: the cluster's cert-manager has it from this issuer.
    CertManager(Issuer),
    /// `existing-secret`: it is in a Secret that someone else manages.
    ExistingSecret(SecretName),
    /// `eks-medic`: the load balancer has one.
    LoadBalancer,
}

impl CertificateSource {
    /// The source's name in values.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Files { .. } => "specify-file-path",
            Self::LocalIp => "my-ip-co",
            Self::SelfSigned => "self-signed",
            Self::CertManager(_) => "cert-manager",
            Self::ExistingSecret(_) => "existing-secret",
            Self::LoadBalancer => "eks-medic",
        }
    }
}

/// The path of a file that values name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath {
    /// The path as it is written.
    pub written: String,
    /// Where it is written.
    pub place: Place,
}

impl FilePath {
    /// The path from where the command runs: a relative one starts at the folder of the file that it is written in.
    pub fn path(&self) -> PathBuf {
        let file = self.place.position().map(|_| Path::new(self.place.origin()));
        file.and_then(Path::parent).unwrap_or(Path::new("")).join(&self.written)
    }
}

/// Who issues certificates to cert-manager (`certificate_issuer`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// A `ClusterIssuer` of this name.
    Cluster(SecretName),
    /// An `Issuer` of the instance's namespace.
    Namespaced(SecretName),
}

const OF_CLUSTER: &str = "ClusterIssuer/";
const OF_NAMESPACE: &str = "Issuer/";

impl FromStr for Issuer {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let issuer = match text.strip_prefix(OF_NAMESPACE) {
            Some(name) => name.parse().map(Self::Namespaced),
            None => text.strip_prefix(OF_CLUSTER).unwrap_or(text).parse().map(Self::Cluster),
        };
        issuer.map_err(|invalid: InvalidName| InvalidName { what: "issuer", text: text.to_owned(), ..invalid })
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster(name) => write!(f, "{OF_CLUSTER}{name}"),
            Self::Namespaced(name) => write!(f, "{OF_NAMESPACE}{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_of_the_cluster_unless_it_is_said_otherwise() {
        for (text, shown) in [
            ("letsencrypt", "ClusterIssuer/letsencrypt"),
            ("ClusterIssuer/letsencrypt", "ClusterIssuer/letsencrypt"),
            ("Issuer/own-ca", "Issuer/own-ca"),
        ] {
            assert_eq!(text.parse::<Issuer>().expect("an issuer").to_string(), shown);
        }
        for wrong in ["", "Issuer/", "Let's Encrypt", "issuer/own", "Issuer/a/b"] {
            assert!(wrong.parse::<Issuer>().is_err(), "{wrong}");
        }
    }
}
