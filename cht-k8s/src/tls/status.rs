//! How an instance's certificate is.

use cht_model::{CertificateSource, Instance, Platform, TlsSecret};
use k8s_openapi::jiff::Timestamp;

use super::chain::Certificate;
use super::fault::CertificateFault;
use super::live::{LiveCertificate, authority_key, served_key};
use super::source::hosts;
use super::wanted::{ends_soon, time};
use crate::retry::reaching;
use crate::{Cluster, ClusterError};

/// How an instance's certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateStatus {
    /// `cert_source`, where the values name one.
    pub source: Option<&'static str>,
    /// Where the certificate is, e.g. `Secret/api-tls-secret`.
    pub place: String,
    /// The source that made the one that is there; none where a person or another program has.
    pub made_by: Option<String>,
    /// The hosts that it must be for; none where the ingress answers for any.
    pub hosts: Vec<String>,
    /// What it says, where it can be read.
    pub certificate: Option<Certificate>,
    /// When it ends, or the first of its issuers does.
    pub not_after: Option<Timestamp>,
    /// When it was looked at.
    pub now: Timestamp,
    /// Whether it can be served.
    pub state: CertificateState,
}

impl CertificateStatus {
    /// In how many whole days it ends; negative where it has.
    pub fn days_left(&self) -> Option<i64> {
        let left = self.not_after?.duration_since(self.now);
        Some(left.as_secs().div_euclid(24 * 60 * 60))
    }
}

/// Whether a certificate can be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateState {
    /// It can.
    Right,
    /// It can for now, and ends within 30 days.
    EndsSoon,
    /// It is not there, and the ingress wants it.
    Missing,
    /// It is not there, and the ingress takes the controller's own.
    NotUsed,
    /// It cannot.
    Unfit(CertificateFault),
    /// It is not in the cluster, and not looked at.
    Elsewhere,
}

impl CertificateState {
    /// The state's name, e.g. `ends-soon`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::EndsSoon => "ends-soon",
            Self::Missing => "missing",
            Self::NotUsed => "not-used",
            Self::Unfit(_) => "unfit",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// Whether people can be served with it.
    pub fn is_right(&self) -> bool {
        !matches!(self, Self::Missing | Self::Unfit(_))
    }
}

/// Looks at an instance's certificate. Changes nothing.
///
/// # Errors
///
/// When the cluster does not answer, or refuses to be looked at.
pub async fn certificate_status(cluster: &dyn Cluster, instance: &Instance) -> Result<CertificateStatus, ClusterError> {
    let now = time(&*cluster.clock());
    let mut status = CertificateStatus {
        source: instance.certificate().map(CertificateSource::as_str),
        place: elsewhere(instance.platform()),
        made_by: None,
        hosts: hosts(instance),
        certificate: None,
        not_after: None,
        now,
        state: CertificateState::Elsewhere,
    };
    let Some(key) = served_key(instance) else { return Ok(status) };
    status.place = key.to_string();
    let live = reaching(&*cluster.clock(), || cluster.get(&key)).await?;
    let Some(live) = live.as_ref().map(LiveCertificate::of) else {
        status.state = match instance.platform() {
            Platform::K3s(ingress) if ingress.tls == TlsSecret::Used => CertificateState::Missing,
            _ => CertificateState::NotUsed,
        };
        return Ok(status);
    };
    status.made_by.clone_from(&live.source);
    status.state = match live.pair {
        Err(fault) => CertificateState::Unfit(fault),
        Ok(pair) => {
            let chain = pair.chain();
            status.certificate = Some(chain.leaf().clone());
            status.not_after = Some(chain.not_after());
            match chain.check_time(now).and_then(|()| chain.check_hosts(&status.hosts)) {
                Err(fault) => CertificateState::Unfit(fault),
                Ok(()) if ends_soon(&pair, now) => CertificateState::EndsSoon,
                Ok(()) => CertificateState::Right,
            }
        }
    };
    Ok(status)
}

fn elsewhere(platform: &Platform) -> String {
    match platform {
        Platform::Eks(ingress) => match &ingress.certificate_arn {
            Some(arn) => format!("the load balancer, as {arn}"),
            None => "the load balancer, which looks for one of the host".to_owned(),
        },
        Platform::Gke(Some(ingress)) => match &ingress.managed_certificate_name {
            Some(name) => format!("the load balancer, as ManagedCertificate/{name}"),
            None => "the load balancer".to_owned(),
        },
        Platform::Gke(None) | Platform::K3s(_) => "nowhere: there is no ingress".to_owned(),
    }
}

/// The certificate of the instance's own authority, PEM; nothing where it has none.
///
/// # Errors
///
/// When the cluster does not answer, or refuses to be looked at.
pub async fn authority_certificate(cluster: &dyn Cluster, instance: &Instance) -> Result<Option<String>, ClusterError> {
    let key = authority_key(instance);
    let live = reaching(&*cluster.clock(), || cluster.get(&key)).await?;
    let pair = live.as_ref().map(LiveCertificate::of).and_then(|live| live.pair.ok());
    Ok(pair.map(|pair| pair.certificate))
}
