//! Puts another certificate in the place of the one that is there, outside of a deploy.

use std::sync::Arc;

use cht_manifests::{Kind, Manifest, Object, ObjectKey, certificate_secret};
use cht_model::{CertificateSource, Instance, Platform, TLS_SECRET};
use futures::StreamExt;
use futures::channel::oneshot;

use super::chain::Certificate;
use super::error::CertificateError;
use super::fault::CertificateFault;
use super::live::{LiveCertificate, authority_key, own_key};
use super::pair::Pair;
use super::source::{Own, hosts};
use super::wanted::{Renewal, Renewed, time};
use crate::deploy::{Options, apply};
use crate::events::{Event, Failure};
use crate::lock::{Lock, while_locked};
use crate::redact::Redactor;
use crate::retry::{reaching, retrying};
use crate::run::{Reporter, events};
use crate::web::Web;
use crate::{Cluster, ClusterError, LiveObject};

/// Why a certificate is not replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReplaced {
    /// The certificate is not this tool's.
    #[error("the certificate is not replaced here: {instead}")]
    NotOurs {
        /// Whose it is, and what to do there.
        instead: String,
    },
    /// The pair is not right.
    #[error(transparent)]
    Fault(#[from] CertificateFault),
    /// The source of the values gives none.
    #[error(transparent)]
    Source(#[from] CertificateError),
    /// The cluster does not answer, or refuses to be looked at.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

/// A certificate that is about to take the place of another one.
#[derive(Debug)]
pub struct Replacement {
    instance: Box<Instance>,
    secrets: Vec<(Manifest, Option<LiveObject>)>,
    redactor: Redactor,
    /// What is there, where it can be read.
    pub old: Option<Certificate>,
    /// What takes its place.
    pub new: Certificate,
    /// Whether the authority that has issued it is new, too: devices do not trust it yet.
    pub has_new_authority: bool,
}

impl Replacement {
    /// The Secret that is written.
    pub fn secret(&self) -> ObjectKey {
        own_key(&self.instance)
    }
}

/// A certificate made or fetched anew from the source that the values name, also where none is due. Writes nothing.
///
/// # Errors
///
/// When the source is not this tool's, or gives no certificate that is right.
pub async fn renewal(cluster: &dyn Cluster, instance: &Instance, web: &dyn Web) -> Result<Replacement, NotReplaced> {
    let Some(own) = Own::of(instance).filter(|_| matches!(instance.platform(), Platform::K3s(_))) else {
        return Err(NotReplaced::NotOurs {
            instead: whose(instance, "make it with `cht tls set --cert FILE --key FILE`"),
        });
    };
    let clock = cluster.clock();
    let renewal = Renewal { instance, hosts: hosts(instance), now: time(&*clock), web, clock: &*clock };
    let authority = match own {
        Own::SelfSigned => look(cluster, &authority_key(instance)).await?,
        Own::Files { .. } | Own::LocalIp => None,
    };
    let renewed = renewal.from(own, None, authority.as_ref().map(LiveCertificate::of).as_ref()).await?;
    let Renewed { pair, authority: issuer } = renewed;
    let (manifests, _) = renewal.secrets(own.as_str(), &pair, issuer.as_ref());
    let has_new_authority = issuer.as_ref().is_some_and(|(_, is_new)| *is_new);
    let keys = issuer.iter().map(|(issuer, _)| &issuer.key).chain([&pair.key]);
    let redactor = Redactor::of(instance).and_texts(keys);
    replacement(cluster, instance, manifests, &pair, redactor, has_new_authority).await
}

/// A given pair in place of what is there. Writes nothing.
///
/// # Errors
///
/// When the ingress takes its certificate from elsewhere, or the pair is not right for its host now.
pub async fn given(cluster: &dyn Cluster, instance: &Instance, pair: &Pair) -> Result<Replacement, NotReplaced> {
    let is_others = matches!(
        instance.certificate(),
        Some(CertificateSource::CertManager(_) | CertificateSource::ExistingSecret(_))
    );
    if is_others || !matches!(instance.platform(), Platform::K3s(_)) {
        return Err(NotReplaced::NotOurs { instead: whose(instance, "") });
    }
    let host: Vec<_> = instance.platform().host().map(ToString::to_string).into_iter().collect();
    pair.chain().check_time(time(&*cluster.clock()))?;
    pair.chain().check_hosts(&host)?;
    let manifests = certificate_secret(instance, TLS_SECRET, pair.data(), None);
    let redactor = Redactor::of(instance).and_texts([&pair.key]);
    replacement(cluster, instance, manifests, pair, redactor, false).await
}

async fn replacement(
    cluster: &dyn Cluster,
    instance: &Instance,
    manifests: Vec<Manifest>,
    pair: &Pair,
    redactor: Redactor,
    has_new_authority: bool,
) -> Result<Replacement, NotReplaced> {
    let mut secrets = Vec::new();
    for manifest in manifests {
        let live = look(cluster, &manifest.object.key()).await?;
        secrets.push((manifest, live));
    }
    let served = own_key(instance);
    let there = secrets.iter().filter_map(|(_, live)| live.as_ref()).find(|live| live.key() == served);
    let old = there.and_then(|live| LiveCertificate::of(live).pair.ok()).map(|pair| pair.chain().leaf().clone());
    let new = pair.chain().leaf().clone();
    Ok(Replacement { instance: Box::new(instance.clone()), secrets, redactor, old, new, has_new_authority })
}

/// Whose the certificate is, and what to do there.
fn whose(instance: &Instance, without_source: &str) -> String {
    let namespace = instance.namespace();
    match (instance.platform(), instance.certificate()) {
        (Platform::Eks(_), _) => {
            "the load balancer has it, and AWS renews what it issued; for another one change ingress.annotations.certificate \
             and deploy"
                .to_owned()
        }
        (Platform::Gke(_), _) => {
            "the load balancer has it, and Google renews what it manages; for another one change \
             ingress.gcp.managedCertificateName and deploy"
                .to_owned()
        }
        (_, Some(CertificateSource::CertManager(issuer))) => format!(
            "cert-manager renews it, with what {issuer} issues; kubectl -n {namespace} describe certificate {TLS_SECRET} says \
             how it is, and kubectl -n {namespace} delete secret {TLS_SECRET} has it issued anew"
        ),
        (_, Some(CertificateSource::ExistingSecret(secret))) => {
            format!("someone else manages Secret/{secret}; have it replaced there")
        }
        _ => format!("the values name no cert_source; {without_source}"),
    }
}

async fn look(cluster: &dyn Cluster, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
    reaching(&*cluster.clock(), || cluster.get(key)).await
}

/// Writes a replacement, under the instance's lock: no deploy is at it at the same time. Of the options, those of the lock and
/// of who writes count; `on_event` hears what happens.
///
/// # Errors
///
/// When the lock is another's, or what is there has changed since it was looked at, or the cluster refuses.
pub async fn replace(
    cluster: Arc<dyn Cluster>,
    replacement: Replacement,
    options: Options,
    mut on_event: impl FnMut(&Event),
) -> Result<(), Failure> {
    let (sender, result) = oneshot::channel();
    let mut stream = events(move |reporter| async move {
        // Whoever asked may be gone.
        let _ = sender.send(write(cluster, &replacement, &options, &reporter).await);
    });
    while let Some(event) = stream.next().await {
        on_event(&event);
    }
    result.await.unwrap_or(Err(Failure::Interrupted))
}

async fn write(
    cluster: Arc<dyn Cluster>,
    replacement: &Replacement,
    options: &Options,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let instance = &replacement.instance;
    let lock = Lock {
        namespace: instance.namespace().as_str(),
        project: instance.project().as_str(),
        actor: &options.actor,
        run: &options.run,
        options: options.lock,
        reporter,
        stop: &options.stop,
        is_first: false,
        goes: false,
    };
    while_locked(cluster, lock, async |cluster: Arc<dyn Cluster>| {
        for (Manifest { object, .. }, seen) in &replacement.secrets {
            let written = replace_one(&*cluster, object, seen.as_ref(), reporter).await;
            written.map_err(|error| Failure::Cluster(replacement.redactor.redact_error(error)))?;
        }
        Ok(())
    })
    .await
}

async fn replace_one(
    cluster: &dyn Cluster,
    object: &Object,
    seen: Option<&LiveObject>,
    reporter: &Reporter,
) -> Result<(), ClusterError> {
    debug_assert_eq!(object.kind(), Kind::Secret);
    let key = object.key();
    let live = retrying(&*cluster.clock(), || cluster.get(&key)).await?;
    let version = |live: Option<&LiveObject>| live.map(|live| live.resource_version().to_owned());
    if version(live.as_ref()) != version(seen) {
        let message = "it has changed since it was looked at; run the same command again".to_owned();
        return Err(ClusterError::Changed { object: key, message });
    }
    apply(cluster, object, live.as_ref(), reporter).await.map(drop)
}
