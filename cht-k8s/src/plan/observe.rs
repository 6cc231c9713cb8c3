//! What is there: one LIST per kind that an instance has several of, one GET for each single object, all at once.

use std::collections::{BTreeMap, BTreeSet};

use cht_manifests::{Kind, Manifests, ObjectKey};
use futures::future::{BoxFuture, try_join_all};
use futures::{FutureExt, TryFutureExt, try_join};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use crate::retry::reaching;
use crate::{Cluster, ClusterError, Listing, LiveObject};

/// Kinds that are listed: an instance has several objects of them, or their state decides its health.
pub(crate) const LISTED: [Kind; 5] =
    [Kind::PersistentVolumeClaim, Kind::Service, Kind::Deployment, Kind::Ingress, Kind::Pod];

/// Kinds that are listed where an instance wants any: in the chart's profile it has none of them.
const LISTED_WHEN_WANTED: [Kind; 1] = [Kind::NetworkPolicy];

/// What was there when it was looked at.
#[derive(Debug)]
pub(crate) struct Observed {
    objects: BTreeMap<ObjectKey, LiveObject>,
    listings: BTreeMap<Kind, Listing>,
    /// The optional kinds that were looked for and that the server does not serve.
    not_served: BTreeSet<Kind>,
    /// Whether the namespace could be looked at; who may only work inside it often may not.
    pub(crate) namespace_visible: bool,
}

impl Observed {
    /// An object, where it was there.
    pub(crate) fn get(&self, key: &ObjectKey) -> Option<&LiveObject> {
        self.objects.get(key)
    }

    /// Every object of a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &LiveObject> {
        self.objects.values().filter(move |object| object.kind() == kind)
    }

    /// The list of a kind, as it was taken.
    pub(crate) fn listing(&self, kind: Kind) -> Option<&Listing> {
        self.listings.get(&kind)
    }

    /// Whether the server was found not to serve a kind that an instance can do without.
    pub(crate) fn is_left_out(&self, kind: Kind) -> bool {
        self.not_served.contains(&kind)
    }

    /// Whether any pod is a Job's.
    pub(super) fn has_pod_of_a_job(&self) -> bool {
        let owners = |pod: &LiveObject| Some(pod.value().get("metadata")?.get("ownerReferences")?.as_array()?.clone());
        let mut owners = self.of_kind(Kind::Pod).filter_map(owners).flatten();
        owners.any(|owner| owner["kind"] == "Job")
    }

    /// Whether a claim has its volume.
    pub(super) fn is_bound(&self, namespace: &str, claim: &str) -> bool {
        let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, claim);
        let claim = self.get(&key).and_then(|live| live.decode::<PersistentVolumeClaim>().ok());
        claim.and_then(|claim| claim.status).and_then(|status| status.phase).is_some_and(|phase| phase == "Bound")
    }
}

impl Observed {
    /// Looks at every Job.
    pub(super) async fn look_at_jobs(&mut self, cluster: &dyn Cluster, namespace: &str) -> Result<(), ClusterError> {
        let (kind, listing) = list(cluster, Kind::Job, namespace).await?;
        self.objects.extend(listing.items.iter().map(|job| (job.key(), job.clone())));
        self.listings.insert(kind, listing);
        Ok(())
    }

    /// Looks at more objects, those that are not known yet. One that this user may not see is taken not to be there.
    pub(super) async fn look_at(&mut self, cluster: &dyn Cluster, keys: &[ObjectKey]) -> Result<(), ClusterError> {
        let listed = |key: &ObjectKey| self.listings.contains_key(&key.kind);
        let unknown = keys.iter().filter(|key| !self.objects.contains_key(*key) && !listed(key));
        let visible = |answer| match answer {
            Err(ClusterError::Forbidden { .. }) => Ok(None),
            Err(ClusterError::NotServed { kind }) if kind.is_optional() => Ok(None),
            answer => answer,
        };
        let found = try_join_all(unknown.map(|key| get(cluster, key).map(visible))).await?;
        self.objects.extend(found.into_iter().flatten().map(|object| (object.key(), object)));
        Ok(())
    }
}

#[cfg(test)]
impl Observed {
    /// These objects, and no others.
    pub(crate) fn of(objects: impl IntoIterator<Item = LiveObject>) -> Self {
        let objects = objects.into_iter().map(|object| (object.key(), object)).collect();
        Self { objects, listings: BTreeMap::new(), not_served: BTreeSet::new(), namespace_visible: true }
    }
}

/// Looks at everything that the wanted objects replace or depend on, but for Jobs, and at `also`.
pub(crate) async fn observe(
    cluster: &dyn Cluster,
    wanted: &Manifests,
    namespace: &str,
    also: &[ObjectKey],
) -> Result<Observed, ClusterError> {
    let keys: BTreeSet<_> = wanted.iter().map(|manifest| manifest.object.key()).chain(also.iter().cloned()).collect();
    let volumes: Vec<_> = keys.iter().filter(|key| key.kind == Kind::PersistentVolume).cloned().collect();
    let is_wanted = |kind: &Kind| keys.iter().any(|key| key.kind == *kind);
    let listed: Vec<_> = LISTED.into_iter().chain(LISTED_WHEN_WANTED.into_iter().filter(is_wanted)).collect();
    let single: Vec<_> = keys
        .iter()
        .filter(|key| !listed.contains(&key.kind))
        .filter(|key| !matches!(key.kind, Kind::PersistentVolume | Kind::Namespace | Kind::Job))
        .collect();

    let listings = try_join_all(listed.iter().map(|kind| list(cluster, *kind, namespace)));
    let singles = try_join_all(single.iter().map(|key| get_if_served(cluster, key)));
    let (listings, singles, volumes, namespace) =
        try_join!(listings, singles, observe_volumes(cluster, &volumes), observe_namespace(cluster, namespace))?;

    let (namespace, namespace_visible) = namespace;
    let (mut found, mut not_served) = (Vec::new(), BTreeSet::new());
    for single in singles {
        match single {
            Single::Found(object) => found.push(object),
            Single::Absent => {}
            Single::NotServed(kind) => _ = not_served.insert(kind),
        }
    }
    let objects = listings
        .iter()
        .flat_map(|(_, listing)| listing.items.iter().cloned())
        .chain(found)
        .chain(volumes)
        .chain(namespace)
        .map(|object| (object.key(), object))
        .collect();
    Ok(Observed { objects, listings: listings.into_iter().collect(), not_served, namespace_visible })
}

async fn list(cluster: &dyn Cluster, kind: Kind, namespace: &str) -> Result<(Kind, Listing), ClusterError> {
    let listing = reaching(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await?;
    Ok((kind, listing))
}

async fn get(cluster: &dyn Cluster, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
    reaching(&*cluster.clock(), || cluster.get(key)).await
}

/// What came of looking for one object.
enum Single {
    Found(LiveObject),
    Absent,
    /// The server does not serve its kind, which an instance can do without.
    NotServed(Kind),
}

async fn get_if_served(cluster: &dyn Cluster, key: &ObjectKey) -> Result<Single, ClusterError> {
    match get(cluster, key).await {
        Ok(Some(object)) => Ok(Single::Found(object)),
        Ok(None) => Ok(Single::Absent),
        Err(ClusterError::NotServed { kind }) if kind.is_optional() => Ok(Single::NotServed(kind)),
        Err(error) => Err(error),
    }
}

async fn observe_namespace(cluster: &dyn Cluster, namespace: &str) -> Result<(Option<LiveObject>, bool), ClusterError> {
    match get(cluster, &ObjectKey::new(Kind::Namespace, "", namespace)).await {
        Ok(namespace) => Ok((namespace, true)),
        Err(ClusterError::Forbidden { .. }) => Ok((None, false)),
        Err(error) => Err(error),
    }
}

/// Volumes belong to the cluster: several are one LIST, and a GET each for those who may not list them.
pub(crate) fn observe_volumes<'a>(
    cluster: &'a dyn Cluster,
    keys: &'a [ObjectKey],
) -> BoxFuture<'a, Result<Vec<LiveObject>, ClusterError>> {
    let each = move || {
        try_join_all(keys.iter().map(move |key| get(cluster, key)))
            .map_ok(|volumes| volumes.into_iter().flatten().collect())
            .boxed()
    };
    if keys.len() < 2 {
        return each();
    }
    async move {
        match reaching(&*cluster.clock(), || cluster.list(Kind::PersistentVolume, None)).await {
            Ok(listing) => Ok(listing.items.into_iter().filter(|volume| keys.contains(&volume.key())).collect()),
            Err(ClusterError::Forbidden { .. }) => each().await,
            Err(error) => Err(error),
        }
    }
    .boxed()
}
