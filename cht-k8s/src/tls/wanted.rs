//! Which certificate a deploy wants: the one that is there as long as it is right, else a new one from the source of the values.

use std::collections::BTreeSet;

use cht_manifests::{AUTHORITY_SECRET, Manifest, certificate_secret};
use cht_model::{CertificateSource, Instance, TLS_SECRET};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::authority::{issue, new_authority};
use super::error::CertificateError;
use super::fault::CertificateFault;
use super::files::pair_of_values;
use super::live::{LiveCertificate, authority_key, own_key, served_key};
use super::local_ip::fetch;
use super::pair::Pair;
use super::source::{Own, hosts};
use crate::plan::Observed;
use crate::web::Web;
use crate::{Clock, SystemClock};

/// A certificate is renewed when it ends within these days.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);
const AUTHORITY_ENTRY: &str = "ca.crt";

/// What a deploy wants of certificates.
#[derive(Default)]
pub(crate) struct WantedCertificate {
    /// The Secrets.
    pub(crate) manifests: Vec<Manifest>,
    /// The entries that differ at every look, as they are in the Secrets.
    pub(crate) made: BTreeSet<Vec<u8>>,
    /// The keys.
    pub(crate) secrets: Vec<SecretString>,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
}

/// The time that certificates are judged by. That of a sandbox begins in the past, and real ones are to be tried on it, too.
pub(super) fn time(clock: &dyn Clock) -> Timestamp {
    clock.now().max(SystemClock.now())
}

/// Whether a certificate is to be renewed.
pub(super) fn ends_soon(pair: &Pair, now: Timestamp) -> bool {
    pair.chain().not_after().duration_since(now) < RENEWED_BEFORE
}

/// What a deploy wants, where the cluster was looked at.
pub(crate) async fn wanted(
    instance: &Instance,
    observed: &Observed,
    web: &dyn Web,
    clock: &dyn Clock,
) -> Result<WantedCertificate, CertificateError> {
    let renewal = Renewal { instance, hosts: hosts(instance), now: time(clock), web, clock };
    match Own::of(instance) {
        Some(own) => renewal.own(own, observed).await,
        None => Ok(WantedCertificate { notes: renewal.notes_on_others(observed), ..WantedCertificate::default() }),
    }
}

/// How a certificate is made or copied.
pub(super) struct Renewal<'a> {
    pub(super) instance: &'a Instance,
    pub(super) hosts: Vec<String>,
    pub(super) now: Timestamp,
    pub(super) web: &'a dyn Web,
    pub(super) clock: &'a dyn Clock,
}

/// What a source gives.
pub(super) struct Renewed {
    pub(super) pair: Pair,
    /// The authority that has issued it, where that is the instance's own, and whether it is new.
    pub(super) authority: Option<(Pair, bool)>,
}

impl Renewal<'_> {
    async fn own(&self, own: Own<'_>, observed: &Observed) -> Result<WantedCertificate, CertificateError> {
        let key = own_key(self.instance);
        let live = observed.get(&key).map(LiveCertificate::of);
        let authority = observed.get(&authority_key(self.instance)).map(LiveCertificate::of);
        // Files are looked at even when they are not needed: they are wrong before the day on which they are.
        let files = match own {
            Own::Files { certificate, key } => Some(pair_of_values(certificate, key, |pair| self.check(pair))?),
            Own::LocalIp | Own::SelfSigned => None,
        };
        let Some(live) = live else {
            let why = format!("{key} is not there");
            return Ok(self.renewed(own, self.from(own, files, authority.as_ref()).await?, &why));
        };
        let reason = self.reason_to_renew(&live, own);
        match (files, reason) {
            (Some(files), reason) => Ok(self.copied(own, files, live, reason)),
            (None, None) => Ok(self.kept(live, authority, Vec::new())),
            (None, Some(reason)) => match self.from(own, None, authority.as_ref()).await {
                Ok(renewed) if is_newer_nowhere(&renewed.pair, &live, &reason) => {
                    let note = format!("{key}: {}, and its source has no newer one yet", reason.text);
                    Ok(self.kept(live, authority, vec![note]))
                }
                Ok(renewed) => Ok(self.renewed(own, renewed, &format!("{key}: {}", reason.text))),
                Err(error) if reason.can_wait => Ok(self.kept(
                    live,
                    authority,
                    vec![format!("{key}: {}, and could not be renewed: {error}", reason.text)],
                )),
                Err(error) => Err(error),
            },
        }
    }

    /// A new certificate from a source.
    pub(super) async fn from(
        &self,
        own: Own<'_>,
        files: Option<Pair>,
        authority: Option<&LiveCertificate>,
    ) -> Result<Renewed, CertificateError> {
        let pair = match (own, files) {
            (_, Some(files)) => files,
            (Own::Files { certificate, key }, None) => pair_of_values(certificate, key, |pair| self.check(pair))?,
            (Own::LocalIp, None) => {
                let fetched = fetch(self.web, self.clock).await?;
                self.check(&fetched).map_err(|fault| CertificateError::Fetched(Box::new(fault)))?;
                fetched
            }
            (Own::SelfSigned, None) => return self.issued(authority),
        };
        Ok(Renewed { pair, authority: None })
    }

    fn issued(&self, authority: Option<&LiveCertificate>) -> Result<Renewed, CertificateError> {
        let usable = authority.and_then(|live| live.pair.as_ref().ok()).filter(|pair| self.can_issue(pair));
        let (authority, is_new) = match usable {
            Some(pair) => (pair.clone(), false),
            None => (new_authority(self.instance.project(), self.instance.namespace(), self.now)?, true),
        };
        let pair = issue(&authority, &self.hosts, self.now)?;
        Ok(Renewed { pair, authority: Some((authority, is_new)) })
    }

    fn can_issue(&self, pair: &Pair) -> bool {
        let chain = pair.chain();
        chain.leaf().is_authority && chain.check_time(self.now).is_ok() && !ends_soon(pair, self.now)
    }

    pub(super) fn check(&self, pair: &Pair) -> Result<(), CertificateFault> {
        pair.chain().check_time(self.now)?;
        pair.chain().check_hosts(&self.hosts)
    }

    fn reason_to_renew(&self, live: &LiveCertificate, own: Own<'_>) -> Option<Reason> {
        let pair = match &live.pair {
            Ok(pair) => pair,
            Err(fault) => return Some(Reason::at_once(fault.to_string())),
        };
        if let Err(fault) = self.check(pair) {
            return Some(Reason::at_once(fault.to_string()));
        }
        if live.is_of_another(own) {
            let source = live.source.as_deref().unwrap_or_default().escape_debug().to_string();
            return Some(Reason { text: format!("it is from cert_source: {source}"), can_wait: true, is_due: false });
        }
        ends_soon(pair, self.now).then(|| {
            let text = format!("the certificate of {}", ends(pair, self.now));
            Reason { text, can_wait: true, is_due: true }
        })
    }

    /// Files replace what is there when they are newer, or when that is not right.
    fn copied(&self, own: Own<'_>, files: Pair, live: LiveCertificate, reason: Option<Reason>) -> WantedCertificate {
        let key = own_key(self.instance);
        let soon = ends_soon(&files, self.now)
            .then(|| format!("the certificate of {}: have a new one issued", ends(&files, self.now)));
        let notes: Vec<_> = soon.into_iter().collect();
        let Ok(there) = &live.pair else {
            let why = reason.map(|reason| reason.text).unwrap_or_default();
            return self.renewed(own, Renewed { pair: files, authority: None }, &format!("{key}: {why}")).and(notes);
        };
        if there.is_same(&files) {
            return self.kept(live, None, notes);
        }
        let (begins, began) = (files.chain().leaf().not_before, there.chain().leaf().not_before);
        let lasts_longer = files.chain().not_after() > there.chain().not_after();
        let why = match reason {
            Some(reason) if !reason.is_due || lasts_longer => reason.text,
            _ if begins >= began => "the files that the values name are newer".to_owned(),
            _ => {
                let older = format!(
                    "{key} holds a newer certificate (from {began}) than the files that the values name (from {begins}): \
                     it stays, and `cht tls renew` takes the files nevertheless"
                );
                return self.kept(live, None, notes).and(vec![older]);
            }
        };
        self.renewed(own, Renewed { pair: files, authority: None }, &format!("{key}: {why}")).and(notes)
    }

    /// What is there, as it is.
    fn kept(&self, live: LiveCertificate, authority: Option<LiveCertificate>, notes: Vec<String>) -> WantedCertificate {
        let secret = |name: &str, live: LiveCertificate| {
            certificate_secret(self.instance, name, live.data, live.source.as_deref())
        };
        let secrets = [Some(&live), authority.as_ref()].into_iter().flatten();
        let secrets = secrets.filter_map(|live| live.pair.as_ref().ok()).map(|pair| pair.key.clone()).collect();
        let mut manifests = secret(TLS_SECRET, live);
        manifests.extend(authority.into_iter().flat_map(|live| secret(AUTHORITY_SECRET, live)));
        WantedCertificate { manifests, made: BTreeSet::new(), secrets, notes }
    }

    /// What a source has given.
    fn renewed(&self, own: Own<'_>, renewed: Renewed, why: &str) -> WantedCertificate {
        let Renewed { pair, authority } = renewed;
        let source = own.as_str();
        let mut notes = vec![format!(
            "{why}: the certificate is from cert_source: {source} now, and holds until {}",
            pair.chain().not_after()
        )];
        let mut secrets = vec![pair.key.clone()];
        // What files hold is the same at every look.
        let is_made = !matches!(own, Own::Files { .. });
        let (manifests, mut made) = self.secrets(source, &pair, authority.as_ref());
        if let Some((authority, is_new)) = authority {
            secrets.push(authority.key.clone());
            if is_new {
                notes.push("its authority is new: devices trust it once `cht tls ca` is installed on them".to_owned());
            }
        }
        if !is_made {
            made.clear();
        }
        WantedCertificate { manifests, made, secrets, notes }
    }

    /// The Secrets that hold a pair and its authority, and the entries of those that are new.
    pub(super) fn secrets(
        &self,
        source: &str,
        pair: &Pair,
        authority: Option<&(Pair, bool)>,
    ) -> (Vec<Manifest>, BTreeSet<Vec<u8>>) {
        let mut data = pair.data();
        if let Some((authority, _)) = authority {
            data.insert(AUTHORITY_ENTRY.to_owned(), authority.certificate.as_bytes().to_vec());
        }
        let mut made: BTreeSet<_> = data.values().cloned().collect();
        let mut manifests = certificate_secret(self.instance, TLS_SECRET, data, Some(source));
        if let Some((authority, is_new)) = authority {
            let data = authority.data();
            if *is_new {
                made.extend(data.values().cloned());
            } else {
                made.remove(authority.certificate.as_bytes());
            }
            manifests.extend(certificate_secret(self.instance, AUTHORITY_SECRET, data, Some(source)));
        }
        (manifests, made)
    }

    /// What a person should know of a certificate that someone else makes.
    fn notes_on_others(&self, observed: &Observed) -> Vec<String> {
        let Some(source) = self.instance.certificate() else { return Vec::new() };
        let Some(key) = served_key(self.instance) else { return Vec::new() };
        let (namespace, name) = (self.instance.namespace(), &key.name);
        let note = match (source, observed.get(&key).map(LiveCertificate::of)) {
            (CertificateSource::CertManager(issuer), None) => Some(format!(
                "{key} is not there yet: cert-manager makes it, with what {issuer} issues; kubectl -n {namespace} describe \
                 certificate {name} says how far it is"
            )),
            (_, None) => Some(format!(
                "{key} is not there, so HTTPS has no certificate of its own: have it made, or write another cert_source"
            )),
            (_, Some(live)) => self.fault_of(&live).map(|fault| format!("{key}: {fault}")),
        };
        note.into_iter().collect()
    }

    fn fault_of(&self, live: &LiveCertificate) -> Option<CertificateFault> {
        match &live.pair {
            Ok(pair) => self.check(pair).err(),
            Err(fault) => Some(fault.clone()),
        }
    }
}

impl WantedCertificate {
    fn and(mut self, notes: Vec<String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// Why another certificate is wanted.
struct Reason {
    text: String,
    /// Whether what is there can be served for now.
    can_wait: bool,
    /// Whether it is its time that comes to an end.
    is_due: bool,
}

impl Reason {
    fn at_once(text: String) -> Self {
        Self { text, can_wait: false, is_due: false }
    }
}

/// Whether a source gives again what is there, or what ends even earlier.
fn is_newer_nowhere(pair: &Pair, live: &LiveCertificate, reason: &Reason) -> bool {
    let ends_no_later = |there: &Pair| pair.chain().not_after() <= there.chain().not_after();
    reason.is_due && live.pair.as_ref().is_ok_and(ends_no_later)
}

fn ends(pair: &Pair, now: Timestamp) -> String {
    let leaf = pair.chain().leaf();
    let at = pair.chain().not_after();
    format!("{} ends on {at}, in {} days", leaf.subject, at.duration_since(now).as_hours() / 24)
}
