//! Makes the volumes that hold data outlive their claims.
//!
//! The classes of most clusters delete a volume with its claim, and so with the namespace that the claim is in.

use cht_manifests::{Kind, Object, ObjectKey};
use serde_json::{Value, json};

use super::run::Run;
use crate::events::{Event, Failure};
use crate::plan::observe_volumes;
use crate::retry::retrying;
use crate::{Cluster, ClusterError, LiveObject};

const POLICY: &str = "/spec/persistentVolumeReclaimPolicy";
const RETAIN: &str = "Retain";
/// How often the volume may be written by someone else in between.
const TRIES: usize = 5;

impl Run<'_> {
    /// Sets the volumes of the instance's bound claims to be retained. Whoever may not do that is told so.
    pub(super) async fn retain_volumes(&mut self) -> Result<(), Failure> {
        let keys: Vec<_> = self.manifests.iter().filter_map(|manifest| self.volume_of(&manifest.object)).collect();
        let mut seen = match observe_volumes(&*self.gates.cluster, &keys).await {
            Ok(seen) => seen,
            // Then each is asked for, and told about.
            Err(ClusterError::Forbidden { .. }) => Vec::new(),
            Err(error) => return Err(Failure::Cluster(error)),
        };
        for key in keys {
            self.gates.check_stop()?;
            let first = seen.iter().position(|volume| volume.key() == key).map(|found| seen.swap_remove(found));
            match retain(&*self.gates.cluster, &key, first).await {
                Ok(None) => {}
                Ok(Some(before)) => self.gates.reporter.report(Event::Note(format!(
                    "{key}: its reclaim policy was {before} and is {RETAIN} now: it outlives its claim"
                ))),
                Err(ClusterError::Forbidden { .. }) => self.gates.reporter.report(Event::Note(format!(
                    "{key} may not be read or changed by this user: if its reclaim policy is Delete, whoever deletes its claim deletes \
                     the data; ask for it to be {RETAIN}"
                ))),
                Err(error) => return Err(Failure::Cluster(error)),
            }
        }
        Ok(())
    }

    fn volume_of(&self, object: &Object) -> Option<ObjectKey> {
        let Object::PersistentVolumeClaim(_) = object else { return None };
        let volume = self.gates.mirror.view.claims.get(object.name())?.spec.as_ref()?.volume_name.as_ref()?;
        Some(ObjectKey::new(Kind::PersistentVolume, "", volume))
    }
}

/// Answers with the policy that the volume had, if it was another. It is looked at unless it was `seen` just now.
async fn retain(
    cluster: &dyn Cluster,
    key: &ObjectKey,
    mut seen: Option<LiveObject>,
) -> Result<Option<String>, ClusterError> {
    let clock = cluster.clock();
    let mut answer = Ok(None);
    for _ in 0..TRIES {
        let live = match seen.take() {
            Some(seen) => Some(seen),
            None => retrying(&*clock, || cluster.get(key)).await?,
        };
        let Some(live) = live else { return Ok(None) };
        let before = live.text(POLICY).unwrap_or("not set").to_owned();
        if before == RETAIN {
            return Ok(None);
        }
        let mut value: Value = live.value().clone();
        value["spec"]["persistentVolumeReclaimPolicy"] = json!(RETAIN);
        let retained = LiveObject::new(key.kind, value);
        answer = retrying(&*clock, || cluster.replace(&retained)).await.map(|_| Some(before));
        if !matches!(answer, Err(ClusterError::Changed { .. })) {
            break;
        }
    }
    answer
}
