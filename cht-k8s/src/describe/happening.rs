//! What has happened to a component of late, as the cluster's controllers tell.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;

use super::component::Surroundings;
use crate::health::{happened, last_seen};

/// How many are shown.
const MOST: usize = 20;

/// An event of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// Whether it is a warning.
    pub is_warning: bool,
    /// What it happened to, e.g. `Pod/cht-api-1`.
    pub object: String,
    /// What, in a word.
    pub reason: String,
    /// What, in full.
    pub message: String,
    /// How often.
    pub count: i32,
    /// When it happened last.
    pub last: Option<Timestamp>,
}

/// Warnings first, then the newest first.
pub(super) fn happenings<'a>(
    deployment: &Deployment,
    pods: &[&Pod],
    claims: impl Iterator<Item = &'a PersistentVolumeClaim>,
    around: &Surroundings<'_>,
) -> Vec<Happening> {
    let uid = |metadata: &ObjectMeta| metadata.uid.clone().unwrap_or_default();
    let own = uid(&deployment.metadata);
    let sets = around.view.replica_sets.values().map(|set| &set.metadata);
    let sets = sets.filter(|set| set.owner_references.iter().flatten().any(|owner| owner.uid == own)).map(uid);
    let uids = sets.chain(pods.iter().map(|pod| uid(&pod.metadata))).chain(claims.map(|claim| uid(&claim.metadata)));
    let uids: Vec<_> = uids.chain([own.clone()]).collect();
    let mut happenings: Vec<_> =
        uids.iter().flat_map(|uid| around.view.events_of(uid)).map(|event| Happening::of(event, around)).collect();
    happenings.sort_by(|one, other| {
        (other.is_warning, other.last, &one.reason).cmp(&(one.is_warning, one.last, &other.reason))
    });
    happenings.truncate(MOST);
    happenings
}

impl Happening {
    fn of(event: &Event, around: &Surroundings<'_>) -> Self {
        let of = &event.involved_object;
        let (kind, name) = (of.kind.as_deref().unwrap_or_default(), of.name.as_deref().unwrap_or_default());
        Self {
            is_warning: event.type_.as_deref() == Some("Warning"),
            object: format!("{kind}/{name}"),
            reason: event.reason.clone().unwrap_or_default(),
            message: around.safe(event.message.as_deref().unwrap_or_default()),
            count: happened(event),
            last: last_seen(event),
        }
    }
}
