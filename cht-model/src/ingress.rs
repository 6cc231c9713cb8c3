//! How people reach the instance, on each platform.

use crate::{CertificateArn, GroupName, HostName, IngressClassName, Issuer, SecretName};

/// The ingress of k3s, which Traefik serves unless another controller does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct K3sIngress {
    /// The host it answers for; none answers for every host (`localhost`, or no host in the values).
    pub host: Option<HostName>,
    /// Whether it serves HTTPS with its Secret.
    pub tls: TlsSecret,
    /// The Secret with the certificate and its key.
    pub tls_secret: SecretName,
    /// Who cert-manager has the certificate from, where that makes the Secret.
    pub issuer: Option<Issuer>,
    /// `ingress.class_name`: the controller's class; none is the cluster's default.
    pub class_name: Option<IngressClassName>,
}

/// Whether an ingress refers to the Secret with the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsSecret {
    /// It does: the values name a certificate's source, or the line always has one (4.x).
    Used,
    /// It does when the namespace holds the Secret.
    WhenPresent,
}

/// The Application Load Balancer ingress of EKS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbIngress {
    /// The host it answers for.
    pub host: HostName,
    /// `ingress.annotations.groupname`: the load balancer that instances share.
    pub group_name: GroupName,
    /// `ingress.annotations.tags`: the load balancer's tags.
    pub tags: Option<String>,
    /// `ingress.annotations.certificate`: the certificate's ARN.
    pub certificate_arn: Option<CertificateArn>,
}

/// The GCE ingress of GKE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GceIngress {
    /// The host it answers for.
    pub host: HostName,
    /// `ingress.gcp.staticIpName`: a reserved global address.
    pub static_ip_name: Option<String>,
    /// `ingress.gcp.managedCertificateName`.
    pub managed_certificate_name: Option<String>,
}
