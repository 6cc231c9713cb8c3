//! What a deploy would do to data. Pure: decided from what is wanted and what is there.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use cht_manifests::{Kind, Manifests, Object, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, Pod};
use serde_json::Value;

use super::claim_size::size_risk;
use super::credential_risk::credential_risk;
use super::data_place::DataPlace;
use super::observe::Observed;
use super::remembered::Remembered;
use super::wanted::Wanted;
use crate::LiveObject;

/// A rule that keeps data safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataRule {
    /// A single node does not become a cluster or the other way round: the data would stay where it was.
    Topology,
    /// A cluster does not lose nodes: their shards have no copy elsewhere.
    FewerNodes,
    /// CouchDB keeps reading the folder that its data lies in.
    DataPath,
    /// A node keeps the volume that it has.
    Volume,
    /// A claim only grows, and only where its class can.
    ClaimSize,
    /// The credentials stay those that the volume holds.
    Credentials,
    /// CHT does not go back to an older major version.
    MajorVersion,
}

impl DataRule {
    /// All rules.
    pub const ALL: [Self; 7] = [
        Self::Topology,
        Self::FewerNodes,
        Self::DataPath,
        Self::Volume,
        Self::ClaimSize,
        Self::Credentials,
        Self::MajorVersion,
    ];

    /// The rule's name, as `--allow` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Topology => "topology",
            Self::FewerNodes => "fewer-nodes",
            Self::DataPath => "data-path",
            Self::Volume => "volume",
            Self::ClaimSize => "claim-size",
            Self::Credentials => "credentials",
            Self::MajorVersion => "major-version",
        }
    }

    /// Whether the rule may be lifted by name. What Kubernetes itself refuses may not.
    pub fn can_be_allowed(self) -> bool {
        !matches!(self, Self::Volume | Self::ClaimSize)
    }
}

impl fmt::Display for DataRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name is none of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no rule: there are {}", DataRule::ALL.map(DataRule::as_str).join(", "))]
pub struct UnknownRule {
    /// The name.
    pub name: String,
}

impl FromStr for DataRule {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text).ok_or_else(|| UnknownRule { name: text.to_owned() })
    }
}

/// Something that a deploy would do to data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRisk {
    /// The rule that it breaks.
    pub rule: DataRule,
    /// The object that holds the data, or decides where it is looked for.
    pub object: ObjectKey,
    /// What would happen to the data.
    pub consequence: String,
}

impl fmt::Display for DataRisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.object, self.consequence, self.rule)
    }
}

/// Everything that deploying `wanted` would do to data, in the order of the rules. Nodes that do not run now are taken as
/// they were when they ran last.
pub(super) fn risks(wanted: &Wanted, observed: &Observed, remembered: &Remembered) -> Vec<DataRisk> {
    let mut risks: Vec<_> = credential_risk(wanted, observed, remembered).into_iter().collect();
    let wanted = &wanted.manifests;
    risks.extend(nodes(wanted, observed, remembered));
    for manifest in wanted {
        let key = manifest.object.key();
        let last = || remembered.deployments.iter().find(|last| last.key() == key);
        let Some(live) = observed.get(&key).or_else(last) else { continue };
        risks.extend(vanishing(&key, live));
        match &manifest.object {
            Object::Deployment(deployment) => risks.extend(data_path(key, (deployment, wanted), (live, observed))),
            Object::PersistentVolumeClaim(claim) => {
                risks.extend(claimed(&key, claim, live, (wanted, observed)));
            }
            Object::PersistentVolume(volume) => risks.extend(disk(key, volume, live)),
            _ => {}
        }
    }
    risks.sort_by_key(|risk| risk.rule);
    risks
}

/// What would come of objects that a run leaves as they are, and that the pods which it replaces use.
pub(super) fn risks_to_kept(kept: &Manifests, observed: &Observed) -> Vec<DataRisk> {
    let keys = kept.iter().map(|manifest| manifest.object.key());
    keys.filter_map(|key| vanishing(&key, observed.get(&key)?)).collect()
}

/// A CouchDB node, as the names of its objects tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Single,
    Numbered(usize),
}

/// The CouchDB node that a claim or Deployment belongs to.
fn member_of(name: &str) -> Option<Member> {
    let node = name.strip_suffix("-claim0").or_else(|| name.strip_prefix("cht-"))?.strip_prefix("couchdb")?;
    match node.strip_prefix('-') {
        None => node.is_empty().then_some(Member::Single),
        Some(number) => number.parse().ok().map(Member::Numbered),
    }
}

/// The kinds whose names tell the CouchDB node that they belong to.
const OF_MEMBERS: [Kind; 2] = [Kind::PersistentVolumeClaim, Kind::Deployment];

/// Whether a Deployment is one of a CouchDB node.
pub(super) fn is_member(name: &str) -> bool {
    member_of(name).is_some()
}

fn nodes(wanted: &Manifests, observed: &Observed, remembered: &Remembered) -> Vec<DataRisk> {
    let live: BTreeSet<(Member, ObjectKey)> = OF_MEMBERS
        .into_iter()
        .flat_map(|kind| observed.of_kind(kind))
        .chain(&remembered.deployments)
        .filter_map(|object| Some((member_of(object.name())?, object.key())))
        .collect();
    let objects = wanted.iter().map(|manifest| &manifest.object).filter(|object| OF_MEMBERS.contains(&object.kind()));
    let wanted: BTreeSet<_> = objects.filter_map(|object| member_of(object.name())).collect();
    let (single, clustered) =
        (wanted.contains(&Member::Single), wanted.iter().any(|member| matches!(member, Member::Numbered(_))));
    // One risk for each node, not for each of its objects.
    let mut seen = BTreeSet::new();
    live.into_iter()
        .filter(|(member, _)| seen.insert(*member))
        .filter(|(member, _)| !wanted.contains(member))
        .filter_map(|(member, object)| match member {
            Member::Single if clustered => Some(DataRisk {
                rule: DataRule::Topology,
                object,
                consequence: "the single node's data is not moved to the cluster, which would start empty".to_owned(),
            }),
            Member::Numbered(_) if single => Some(DataRisk {
                rule: DataRule::Topology,
                object,
                consequence: "the cluster's data is not moved to the single node, which would start empty".to_owned(),
            }),
            Member::Numbered(number) if clustered => Some(DataRisk {
                rule: DataRule::FewerNodes,
                object,
                consequence: format!("couchdb-{number} would leave the cluster, and its shards have no other copy"),
            }),
            _ => None,
        })
        .collect()
}

fn data_path(
    object: ObjectKey,
    (wanted, manifests): (&Deployment, &Manifests),
    (live, observed): (&LiveObject, &Observed),
) -> Option<DataRisk> {
    let live: Deployment = live.decode().ok()?;
    let place = |deployment: &Deployment| DataPlace::of(deployment.spec.as_ref()?.template.spec.as_ref()?);
    let (mut lies, mut looks) = (place(&live)?, place(wanted)?);
    // A folder without a claim, as 4.x has it, stays where it is when a volume is made over it. With claims on both sides
    // the volumes themselves are compared.
    if lies.folder.is_some() {
        looks = looks.behind_claim(manifests);
    }
    if looks.is_on_one_node() {
        lies = lies.on_node(node_of_pods(&live, observed));
    }
    (!looks.finds_what_is_in(&lies)).then(|| DataRisk {
        rule: DataRule::DataPath,
        object,
        consequence: format!("CouchDB's data lies in {lies}; it would look in {looks} and start empty"),
    })
}

/// The one node that all pods of a Deployment are on.
fn node_of_pods(deployment: &Deployment, observed: &Observed) -> Option<String> {
    let wanted = deployment.spec.as_ref()?.selector.match_labels.as_ref()?;
    let pods = observed.of_kind(Kind::Pod).filter_map(|pod| pod.decode::<Pod>().ok());
    let ours = pods.filter(|pod| {
        let labels = pod.metadata.labels.as_ref();
        labels.is_some_and(|labels| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)))
    });
    let mut nodes: BTreeSet<_> = ours.map(|pod| pod.spec.and_then(|spec| spec.node_name)).collect();
    let node = nodes.pop_first()?;
    if nodes.is_empty() { node } else { None }
}

/// What is being deleted, and is only kept by the pods that a deploy may replace.
fn vanishing(key: &ObjectKey, live: &LiveObject) -> Option<DataRisk> {
    let keeps_data = matches!(key.kind, Kind::PersistentVolume | Kind::PersistentVolumeClaim);
    (keeps_data && live.is_terminating()).then(|| DataRisk {
        rule: DataRule::Volume,
        object: key.clone(),
        consequence: "it is being deleted, and goes as soon as no pod uses it: before that, set its volume's reclaim \
                      policy to Retain and back the data up"
            .to_owned(),
    })
}

fn claimed(
    key: &ObjectKey,
    wanted: &PersistentVolumeClaim,
    live: &LiveObject,
    all: (&Manifests, &Observed),
) -> Vec<DataRisk> {
    let Ok(claim) = live.decode::<PersistentVolumeClaim>() else { return Vec::new() };
    let (Some(wanted), Some(live)) = (wanted.spec.as_ref(), claim.spec.as_ref()) else { return Vec::new() };
    let mut risks = Vec::new();
    let class_changes = wanted.storage_class_name.is_some() && wanted.storage_class_name != live.storage_class_name;
    // A claim that waits for any volume takes one by name.
    let volume_changes =
        wanted.volume_name.is_some() && live.volume_name.is_some() && wanted.volume_name != live.volume_name;
    if class_changes || volume_changes {
        let describe = |claim: &PersistentVolumeClaimSpec| {
            let volume = claim.volume_name.as_ref();
            let volume = volume.map_or_else(|| "any volume".to_owned(), |volume| format!("volume {volume}"));
            format!("{volume} of class {:?}", claim.storage_class_name.as_deref().unwrap_or_default())
        };
        let (live, wanted) = (describe(live), describe(wanted));
        let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
        let is_pending = phase == Some("Pending");
        let consequence = if is_pending {
            format!(
                "the claim waits for {live}, and cannot wait for {wanted} instead: \
                 it holds no data yet, so delete it and deploy again"
            )
        } else {
            format!("the claim holds {live}, and cannot be moved to {wanted}: its data would stay behind")
        };
        risks.push(DataRisk { rule: DataRule::Volume, object: key.clone(), consequence });
    }
    risks.extend(size_risk(key, wanted, &claim, all));
    risks
}

/// The sources that a volume of ours is made over.
const DISKS: [&str; 5] = ["local", "hostPath", "csi", "gcePersistentDisk", "vsphereVolume"];

fn disk(object: ObjectKey, wanted: &PersistentVolume, live: &LiveObject) -> Option<DataRisk> {
    let wanted = serde_json::to_value(wanted.spec.as_ref()?).ok()?;
    let live = live.value().get("spec")?;
    let place = |spec: &Value| {
        DISKS.iter().find_map(|disk| {
            let source = spec.get(disk)?;
            let name = ["path", "volumeHandle", "pdName", "volumePath"];
            Some((*disk, name.iter().find_map(|name| source.get(name)?.as_str().map(str::to_owned))?))
        })
    };
    let (wanted, live) = (place(&wanted)?, place(live)?);
    (wanted != live).then(|| DataRisk {
        rule: DataRule::Volume,
        object,
        consequence: format!(
            "the volume is over {} {}, and cannot be moved to {} {}: its data would stay behind",
            live.0, live.1, wanted.0, wanted.1
        ),
    })
}

#[cfg(test)]
mod tests;
