//! What is there of an instance before it is uninstalled: one LIST per kind, all at once.

use std::collections::BTreeMap;

use cht_manifests::{Kind, ObjectKey, is_certificate_key};
use cht_model::{CredentialsSecret, Instance};
use futures::future::{OptionFuture, try_join_all};
use futures::try_join;

use super::options::DataFate;
use crate::labels::{is_ours, is_record};
use crate::lock::lease_key;
use crate::records::{Action, Inventory, Owned, Revision, RevisionOutcome, inventory_key};
use crate::retry::reaching;
use crate::{Cluster, ClusterError, Listing, LiveObject};

/// The kinds that are removed, those that bring people in first, those that others need last.
pub(crate) const REMOVED: [Kind; 12] = [
    Kind::Ingress,
    Kind::FrontendConfig,
    Kind::Deployment,
    Kind::Job,
    Kind::Service,
    Kind::BackendConfig,
    Kind::PodDisruptionBudget,
    Kind::NetworkPolicy,
    Kind::RoleBinding,
    Kind::Role,
    Kind::ServiceAccount,
    Kind::ConfigMap,
];

/// What is there of an instance.
pub(super) struct Found {
    project: String,
    listings: BTreeMap<Kind, Listing>,
    pub(super) credentials: Option<LiveObject>,
    /// The Secret with the credentials, where someone else manages it.
    pub(super) given: Option<LiveObject>,
    /// The Secrets with its certificate and its authority, as far as the inventory has them.
    pub(super) certificates: Vec<LiveObject>,
    /// The inventory as it was read, and what it says.
    pub(super) inventory_object: Option<LiveObject>,
    pub(super) inventory: Inventory,
    /// Whether the lock's object is there. It is looked at only when it shall go.
    has_lock: bool,
}

impl Found {
    /// Looks at an instance. The cluster's volumes are looked at only when data shall be deleted.
    pub(super) async fn look(
        cluster: &dyn Cluster,
        instance: &Instance,
        fate: &DataFate,
    ) -> Result<Self, ClusterError> {
        let (namespace, project) = (instance.namespace().as_str(), instance.project().as_str());
        let volumes = fate.is_deleted().then_some(Kind::PersistentVolume);
        let kinds = REMOVED.into_iter().chain([Kind::Pod, Kind::PersistentVolumeClaim]).chain(volumes);
        let listings = try_join_all(kinds.map(|kind| list(cluster, kind, namespace)));
        let get = async |key: ObjectKey| reaching(&*cluster.clock(), || cluster.get(&key)).await;
        let lock: OptionFuture<_> = fate.is_deleted().then(|| get(lease_key(namespace, project))).into();
        let lock = async { lock.await.transpose() };
        let secret = |name: &str| get(ObjectKey::new(Kind::Secret, namespace, name));
        let existing = Some(&instance.couchdb().credentials_secret).filter(|secret| secret.is_existing());
        let given: OptionFuture<_> = existing.map(|existing| secret(existing.name())).into();
        let given = async { given.await.transpose() };
        let (listings, own, given, lock) = try_join!(listings, secret(CredentialsSecret::OWN), given, lock)?;
        let given = given.flatten();
        // Whatever it was before, a Secret that the values call someone else's is that.
        let credentials = own.filter(|own| given.as_ref().is_none_or(|given| given.key() != own.key()));
        let listings: BTreeMap<_, _> = listings.into_iter().flatten().collect();

        let key = inventory_key(namespace, project);
        let config_maps = listings.get(&Kind::ConfigMap).into_iter().flat_map(|listing| &listing.items);
        let inventory_object = config_maps.into_iter().find(|object| object.key() == key).cloned();
        let inventory = inventory_object.as_ref().map(Inventory::read).transpose()?.unwrap_or_default();
        let certificates = inventory.objects.iter().map(Owned::key).filter(is_certificate_key);
        let certificates = try_join_all(certificates.map(get)).await?.into_iter().flatten().collect();
        let has_lock = lock.flatten().is_some();
        Ok(Self {
            project: project.to_owned(),
            listings,
            credentials,
            given,
            certificates,
            inventory_object,
            inventory,
            has_lock,
        })
    }

    /// Every object of a kind that was listed.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &LiveObject> {
        self.listings.get(&kind).into_iter().flat_map(|listing| &listing.items)
    }

    /// The instance's own objects of a kind, but for what is remembered of it.
    pub(super) fn parts(&self, kind: Kind) -> impl Iterator<Item = &LiveObject> {
        self.of_kind(kind).filter(|object| is_ours(object, &self.project) && !is_record(&object.key(), &self.project))
    }

    /// Parts of an instance that another tool deployed.
    pub(super) fn parts_of_others(&self) -> impl Iterator<Item = &LiveObject> {
        let is_unlabelled = |object: &&LiveObject| {
            object.label("cht.service").is_some() && object.label("app.kubernetes.io/managed-by") != Some("cht")
        };
        REMOVED.into_iter().flat_map(|kind| self.of_kind(kind)).filter(is_unlabelled)
    }

    /// What each recorded run wanted. A record that cannot be read tells nothing.
    pub(super) fn revisions(&self) -> impl Iterator<Item = Revision> {
        self.records().filter_map(|record| Revision::read(record).ok())
    }

    /// What is remembered of the instance, the inventory included.
    fn records(&self) -> impl Iterator<Item = &LiveObject> {
        let of_project = |object: &&LiveObject| is_record(&object.key(), &self.project);
        self.of_kind(Kind::ConfigMap).filter(of_project)
    }

    /// Whether nothing runs, and the records say so, too.
    pub(super) fn runs_nothing(&self) -> bool {
        let nothing_is_there = REMOVED.into_iter().chain([Kind::Pod]).all(|kind| self.parts(kind).next().is_none());
        let nothing_is_owned = self.inventory.objects.iter().all(|owned| owned.kind.holds_data());
        nothing_is_there && nothing_is_owned && !self.is_cut_short()
    }

    /// Whether an uninstall has begun, and has not said that it came to its end.
    fn is_cut_short(&self) -> bool {
        let unfinished = |outcome: &RevisionOutcome| *outcome != RevisionOutcome::Done;
        self.inventory.last().is_some_and(|last| last.action == Action::Uninstall && unfinished(&last.outcome))
    }

    /// Whether nothing is remembered of the instance either.
    pub(super) fn is_forgotten(&self) -> bool {
        self.records().next().is_none() && !self.has_lock
    }

    /// What holds the instance's data, or holds it together.
    pub(super) fn kept(&self, namespace: &str) -> Vec<ObjectKey> {
        let claims = || self.of_kind(Kind::PersistentVolumeClaim).filter(|claim| claim.label("cht.service").is_some());
        let volumes = claims().filter_map(|claim| claim.text("/spec/volumeName"));
        let volumes = volumes.map(|volume| ObjectKey::new(Kind::PersistentVolume, "", volume));
        let secrets = self.credentials.iter().chain(&self.given).chain(&self.certificates).map(LiveObject::key);
        let namespace = ObjectKey::new(Kind::Namespace, "", namespace);
        claims().map(LiveObject::key).chain(volumes).chain(secrets).chain([namespace]).collect()
    }
}

/// The objects of a kind; none of an optional kind that the server does not serve.
async fn list(cluster: &dyn Cluster, kind: Kind, namespace: &str) -> Result<Option<(Kind, Listing)>, ClusterError> {
    match reaching(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await {
        Err(ClusterError::NotServed { kind }) if kind.is_optional() => Ok(None),
        listing => listing.map(|listing| Some((kind, listing))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cht_manifests::Object;

    use super::*;

    #[test]
    fn whatever_an_instance_has_is_removed_or_holds_data() {
        let made = Object::KINDS.into_iter().filter(|kind| !kind.holds_data());
        assert_eq!(BTreeSet::from(REMOVED), made.collect());
    }
}
