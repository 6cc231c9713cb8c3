//! The Lease object: who holds the lock of an instance, since when, and until when.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;

use crate::{Actor, ClusterError, LiveObject, RunId};

/// Whoever holds the lock of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// `user@host/process/run` and what tells two runs of the same name apart, as the Lease has it.
    pub identity: String,
    /// Since when, by the holder's clock.
    pub since: Option<Timestamp>,
}

impl fmt::Display for LockHolder {
    /// `ada@laptop (process 4711) since 2026-11-23T09:12:44Z`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.identity.split('/');
        match (parts.next(), parts.next()) {
            (Some(actor), Some(process)) => write!(f, "{actor} (process {process})")?,
            _ => f.write_str(&self.identity)?,
        }
        match self.since.and_then(|since| Timestamp::from_second(since.as_second()).ok()) {
            Some(since) => write!(f, " since {since}"),
            None => Ok(()),
        }
    }
}

/// What identifies this process and run as a holder.
pub(super) fn identity(actor: &Actor, run: &RunId) -> String {
    format!("{actor}/{}/{run}", std::process::id())
}

/// The Lease of an instance.
pub(crate) fn lease_key(namespace: &str, project: &str) -> ObjectKey {
    ObjectKey::new(Kind::Lease, namespace, &format!("cht.{project}"))
}

/// Who holds the lock that a Lease stands for, and whether the holder has let it run out; nobody, where it is free.
///
/// # Errors
///
/// When the object does not have the shape of a Lease.
pub(crate) fn held_by(live: &LiveObject, now: Timestamp) -> Result<Option<(LockHolder, bool)>, ClusterError> {
    let held = Held::read(live)?;
    let over = held.renewed.is_none_or(|renewed| now.duration_since(renewed).unsigned_abs() > held.length);
    Ok((!held.is_free()).then(|| (held.holder(), over)))
}

/// A Lease as far as a lock needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) key: ObjectKey,
    /// Empty when it was released.
    pub(super) holder: String,
    pub(super) acquired: Option<Timestamp>,
    pub(super) renewed: Option<Timestamp>,
    pub(super) length: Duration,
    pub(super) transitions: i32,
    pub(super) labels: BTreeMap<String, String>,
    /// Of the object that this was read from; none for a new one.
    pub(super) resource_version: Option<String>,
}

impl Held {
    /// # Errors
    ///
    /// When the object does not have the shape of a Lease.
    pub(super) fn read(live: &LiveObject) -> Result<Self, ClusterError> {
        let lease: Lease =
            live.decode().map_err(|error| ClusterError::Malformed { reason: format!("{}: {error}", live.key()) })?;
        let spec = lease.spec.unwrap_or_default();
        let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
        Ok(Self {
            key: live.key(),
            holder: spec.holder_identity.unwrap_or_default(),
            acquired: spec.acquire_time.map(|time| time.0),
            renewed: spec.renew_time.map(|time| time.0),
            length: Duration::from_secs(seconds),
            transitions: spec.lease_transitions.unwrap_or_default(),
            labels: lease.metadata.labels.unwrap_or_default(),
            resource_version: Some(live.resource_version().to_owned()),
        })
    }

    pub(super) fn write(&self) -> Result<LiveObject, ClusterError> {
        let lease = Lease {
            metadata: ObjectMeta {
                name: Some(self.key.name.clone()),
                namespace: self.key.namespace.clone(),
                labels: Some(self.labels.clone()),
                resource_version: self.resource_version.clone(),
                ..ObjectMeta::default()
            },
            spec: Some(LeaseSpec {
                // Newer servers refuse an empty holder.
                holder_identity: Some(self.holder.clone()).filter(|holder| !holder.is_empty()),
                acquire_time: self.acquired.map(MicroTime),
                renew_time: self.renewed.map(MicroTime),
                lease_duration_seconds: i32::try_from(self.length.as_secs()).ok(),
                lease_transitions: Some(self.transitions),
                ..LeaseSpec::default()
            }),
        };
        serde_json::to_value(lease)
            .map(|value| LiveObject::new(Kind::Lease, value))
            .map_err(|error| ClusterError::Malformed { reason: format!("{}: {error}", self.key) })
    }

    pub(super) fn is_free(&self) -> bool {
        self.holder.is_empty()
    }

    pub(super) fn holder(&self) -> LockHolder {
        LockHolder { identity: self.holder.clone(), since: self.acquired }
    }
}
