//! What a cluster has of an instance's certificate.

use std::collections::BTreeMap;

use cht_manifests::{AUTHORITY_SECRET, CERTIFICATE_SOURCE, Kind, ObjectKey};
use cht_model::{CertificateSource, Instance, Platform, TLS_SECRET};
use k8s_openapi::api::core::v1::Secret;

use super::pair::Pair;
use super::source::Own;
use crate::LiveObject;

/// The Secrets that a plan looks at for the certificate: those that it may want to be otherwise, and those that others make.
pub(crate) fn keys(instance: &Instance) -> Vec<ObjectKey> {
    let served = match instance.certificate() {
        None | Some(CertificateSource::LoadBalancer) => None,
        Some(_) => served_key(instance),
    };
    let authority = (instance.certificate() == Some(&CertificateSource::SelfSigned)).then(|| authority_key(instance));
    served.into_iter().chain(authority).collect()
}

/// The Secret that the ingress serves; none where the platform takes its certificate from elsewhere.
pub(super) fn served_key(instance: &Instance) -> Option<ObjectKey> {
    let Platform::K3s(ingress) = instance.platform() else { return None };
    Some(ObjectKey::new(Kind::Secret, instance.namespace().as_str(), ingress.tls_secret.as_str()))
}

/// The Secret with the certificate that a deploy may make.
pub(super) fn own_key(instance: &Instance) -> ObjectKey {
    ObjectKey::new(Kind::Secret, instance.namespace().as_str(), TLS_SECRET)
}

/// The Secret with the instance's own authority.
pub(super) fn authority_key(instance: &Instance) -> ObjectKey {
    ObjectKey::new(Kind::Secret, instance.namespace().as_str(), AUTHORITY_SECRET)
}

/// A Secret with a certificate as it is in a cluster.
pub(super) struct LiveCertificate {
    pub(super) data: BTreeMap<String, Vec<u8>>,
    /// The source that a deploy had it from; none where a person has set it.
    pub(super) source: Option<String>,
    pub(super) pair: Result<Pair, super::CertificateFault>,
}

impl LiveCertificate {
    pub(super) fn of(live: &LiveObject) -> Self {
        let secret: Secret = live.decode().unwrap_or_default();
        let data: BTreeMap<_, _> =
            secret.data.unwrap_or_default().into_iter().map(|(name, value)| (name, value.0)).collect();
        let source = secret.metadata.annotations.and_then(|mut annotations| annotations.remove(CERTIFICATE_SOURCE));
        let pair = Pair::in_secret(&data, &live.key().to_string());
        Self { data, source, pair }
    }

    /// Whether another source of values has made it than the one that the values name now.
    pub(super) fn is_of_another(&self, source: Own<'_>) -> bool {
        self.source.as_deref().is_some_and(|made_by| made_by != source.as_str())
    }
}
