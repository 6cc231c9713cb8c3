//! Deletes an instance's data: only what its inventory, labels and identity prove to be its own, and last what is needed to
//! know that.

use std::collections::BTreeSet;

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::core::v1::PersistentVolume;
use serde_json::{Value, json};

use super::found::Found;
use super::leaving::{Left, until_gone};
use super::places;
use super::run::Removal;
use crate::events::{Event, Failure, Kept, Remains, Success};
use crate::retry::retrying;
use crate::{ClusterError, FIELD_MANAGER, LiveObject};

/// How often a volume may be written by someone else in between.
const TRIES: usize = 5;
const NAMESPACE_STAYS: &str = "namespaces are always kept: others may have something in them";

/// What there is of an instance's data, and what becomes of it.
#[derive(Debug, Default)]
pub(super) struct Data {
    claims: Vec<LiveObject>,
    /// Volumes over given disks, which this project has made: only the objects go.
    given: Vec<LiveObject>,
    /// Volumes that their provisioner removes, disk and all, once their claims are gone.
    provisioned: Vec<LiveObject>,
    /// The Secrets with its certificate and its authority.
    certificates: Vec<LiveObject>,
    credentials: Option<LiveObject>,
    kept: Vec<Kept>,
    remains: Vec<Remains>,
}

/// What a volume is to the instance.
enum Part {
    /// This project has made it, over a disk that is not its own.
    Given,
    /// Its provisioner removes it.
    Provisioned,
    /// It is left as it is.
    Kept(String),
    /// It has nothing to do with the instance.
    None,
}

impl Data {
    /// Tells what is provably the instance's from everything else.
    pub(super) fn of(found: &Found, namespace: &str, project: &str) -> Self {
        let mut data = Self::default();
        for claim in found.of_kind(Kind::PersistentVolumeClaim) {
            match found.inventory.proves(claim, project) {
                Ok(()) => data.claims.push(claim.clone()),
                Err(reason) => data.keep(claim.key(), reason),
            }
        }
        let claims = data.claim_uids(found);
        for volume in found.of_kind(Kind::PersistentVolume) {
            let part = part(volume, found, (namespace, project), &claims);
            if !matches!(part, Part::None | Part::Provisioned) {
                let decoded = volume.decode::<PersistentVolume>().ok();
                data.remains.extend(decoded.and_then(|decoded| places::of_volume(volume.key(), &decoded)));
            }
            match part {
                Part::Given => data.given.push(volume.clone()),
                Part::Provisioned => data.provisioned.push(volume.clone()),
                Part::Kept(reason) => data.keep(volume.key(), reason),
                Part::None => {}
            }
        }
        if let Some(secret) = &found.credentials {
            match found.inventory.proves(secret, project) {
                Ok(()) => data.credentials = Some(secret.clone()),
                Err(reason) => data.keep(secret.key(), reason),
            }
        }
        for secret in &found.certificates {
            match found.inventory.proves(secret, project) {
                Ok(()) => data.certificates.push(secret.clone()),
                Err(reason) => data.keep(secret.key(), reason),
            }
        }
        if let Some(secret) = &found.given {
            data.keep(secret.key(), "someone else manages it (couchdb.existing_secret)");
        }
        data.keep(ObjectKey::new(Kind::Namespace, "", namespace), NAMESPACE_STAYS);
        // An earlier run that was cut short may have deleted volumes already; and folders of nodes need none.
        let recorded = found.revisions().filter_map(|revision| revision.manifests);
        for remains in recorded.flat_map(|manifests| places::of_manifests(&manifests)) {
            if data.remains.iter().all(|known| known.place != remains.place) {
                data.remains.push(remains);
            }
        }
        data
    }

    fn keep(&mut self, object: ObjectKey, reason: impl Into<String>) {
        self.kept.push(Kept { object, reason: reason.into() });
    }

    /// The identities of the instance's claims, also of those that are gone already.
    fn claim_uids(&self, found: &Found) -> BTreeSet<String> {
        let owned = found.inventory.objects.iter().filter(|owned| owned.kind == Kind::PersistentVolumeClaim);
        let owned = owned.filter_map(|owned| owned.uid.clone());
        self.claims.iter().map(|claim| claim.uid().to_owned()).chain(owned).collect()
    }

    /// Whether nothing is there that would be deleted.
    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty()
            && self.given.is_empty()
            && self.provisioned.is_empty()
            && self.certificates.is_empty()
            && self.credentials.is_none()
    }

    /// What is said when all of it is gone.
    pub(super) fn into_success(self, deleted: Vec<ObjectKey>) -> Success {
        Success::DataDeleted { deleted, kept: self.kept, remains: self.remains }
    }
}

fn part(volume: &LiveObject, found: &Found, (namespace, project): (&str, &str), claims: &BTreeSet<String>) -> Part {
    let bound_to = |part: &str| volume.text(&format!("/spec/claimRef/{part}"));
    let is_of_claim =
        bound_to("namespace") == Some(namespace) && bound_to("uid").is_some_and(|uid| claims.contains(uid));
    let is_free = bound_to("uid").is_none() && bound_to("namespace").is_none_or(|reserved| reserved == namespace);
    let is_listed = found.inventory.objects.iter().any(|owned| owned.key() == volume.key());
    match found.inventory.proves(volume, project) {
        Ok(()) if is_of_claim || is_free => Part::Given,
        Ok(()) => Part::Kept(format!(
            "it is bound to PersistentVolumeClaim/{} of namespace {}",
            bound_to("name").unwrap_or_default(),
            bound_to("namespace").unwrap_or_default()
        )),
        Err(reason) if is_listed => Part::Kept(reason.to_owned()),
        Err(_) if !is_of_claim => Part::None,
        Err(_) if volume.text(POLICY) == Some(DELETE) || is_retained_by_us(volume) => Part::Provisioned,
        Err(_) => Part::Kept(format!(
            "its reclaim policy is {}, and was not set by this tool",
            volume.text(POLICY).unwrap_or("not set")
        )),
    }
}

const POLICY: &str = "/spec/persistentVolumeReclaimPolicy";
const DELETE: &str = "Delete";
const RETAIN: &str = "Retain";

/// Whether a deploy has set the volume to be retained: then the class would have it deleted.
fn is_retained_by_us(volume: &LiveObject) -> bool {
    let entries = volume.value().pointer("/metadata/managedFields").and_then(Value::as_array);
    volume.text(POLICY) == Some(RETAIN)
        && entries.into_iter().flatten().any(|entry| {
            entry["manager"] == FIELD_MANAGER
                && entry.pointer("/fieldsV1/f:spec/f:persistentVolumeReclaimPolicy").is_some()
        })
}

impl Removal<'_> {
    /// Deletes the instance's data. Nothing of it runs any more.
    pub(super) async fn delete_data(&mut self, mut data: Data) -> Result<Success, Failure> {
        for volume in data.provisioned.iter().filter(|volume| !volume.is_terminating()) {
            self.check_stop()?;
            self.let_go(volume).await?;
        }
        self.check_stop()?;
        self.remove(data.claims.iter()).await?;
        self.wait_for(Kind::PersistentVolumeClaim, &data.claims).await?;
        self.check_stop()?;
        self.spare_those_in_use(&mut data).await?;
        self.remove(data.given.iter()).await?;
        let volumes: Vec<_> = data.given.iter().chain(&data.provisioned).cloned().collect();
        self.wait_for(Kind::PersistentVolume, &volumes).await?;
        for volume in &data.provisioned {
            let (object, uid) = (volume.key(), volume.uid().to_owned());
            self.done.deleting(&object);
            self.reporter.report(Event::Removed { object, uid });
        }
        self.check_stop()?;
        self.remove(data.certificates.iter().chain(&data.credentials)).await?;
        let secrets = data.certificates.iter().chain(&data.credentials);
        let deleted = data.claims.iter().chain(&volumes).chain(secrets).map(LiveObject::key).collect();
        Ok(data.into_success(deleted))
    }

    /// Volumes are looked at once more: one that was free may have been taken by someone else in the meantime.
    async fn spare_those_in_use(&self, data: &mut Data) -> Result<(), Failure> {
        let mut given = Vec::new();
        for volume in std::mem::take(&mut data.given) {
            let key = volume.key();
            let live = retrying(&*self.cluster.clock(), || self.cluster.get(&key)).await.map_err(Failure::Cluster)?;
            let claim = |volume: &LiveObject| volume.text("/spec/claimRef/uid").map(str::to_owned);
            match live.filter(|live| live.uid() == volume.uid()) {
                None => {}
                Some(live) if claim(&live) == claim(&volume) => given.push(live),
                Some(_) => data.keep(key, "another claim has taken it in the meantime"),
            }
        }
        data.given = given;
        Ok(())
    }

    /// Lets a volume that a deploy has set to be retained go with its claim, as its class has it.
    async fn let_go(&self, volume: &LiveObject) -> Result<(), Failure> {
        let (key, uid, clock) = (volume.key(), volume.uid(), self.cluster.clock());
        let mut answer = Ok(());
        for _ in 0..TRIES {
            let live = retrying(&*clock, || self.cluster.get(&key)).await.map_err(Failure::Cluster)?;
            let Some(live) = live.filter(|live| live.uid() == uid && live.text(POLICY) != Some(DELETE)) else {
                return Ok(());
            };
            let mut value = live.value().clone();
            value["spec"]["persistentVolumeReclaimPolicy"] = json!(DELETE);
            let released = LiveObject::new(key.kind, value);
            answer = retrying(&*clock, || self.cluster.replace(&released)).await.map(drop);
            match answer {
                Ok(()) => {
                    let what = "its reclaim policy is Delete again, so that its disk goes with its claim";
                    self.reporter.report(Event::Note(format!("{key}: {what}")));
                    return Ok(());
                }
                Err(ClusterError::Changed { .. }) => {}
                Err(_) => break,
            }
        }
        answer.map_err(Failure::Cluster)
    }

    async fn wait_for(&self, kind: Kind, objects: &[LiveObject]) -> Result<(), Failure> {
        if objects.is_empty() {
            return Ok(());
        }
        let uids: BTreeSet<_> = objects.iter().map(LiveObject::uid).collect();
        let meant = |object: &LiveObject| uids.contains(object.uid());
        match until_gone(&self.cluster, (kind, self.namespace), (self.deadline, &self.options.stop), meant).await? {
            Left::Nothing => Ok(()),
            Left::Objects(objects) => Err(Failure::StillThere(objects)),
        }
    }
}
