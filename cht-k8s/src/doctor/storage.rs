//! What data is kept on: the classes of claims, and what becomes of volumes.

use std::collections::{BTreeMap, BTreeSet};

use cht_manifests::{Kind, Manifests, Object, ObjectKey};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, Pod};
use k8s_openapi::api::storage::v1::StorageClass;

use super::check::Check;
use super::finding::Finding;
use super::look::Answer;
use crate::plan::host_path_of;
use crate::uninstall::{place_of_volume, places_of_manifests};

const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
const DELETE: &str = "Delete";

/// A claim that gets its volume from a class. Those that are bound to a volume by name need none.
fn provisioned(manifests: &Manifests) -> impl Iterator<Item = (String, &PersistentVolumeClaimSpec)> {
    manifests.iter().filter_map(|manifest| {
        let Object::PersistentVolumeClaim(claim) = &manifest.object else { return None };
        let spec = claim.spec.as_ref()?;
        let is_given = spec.volume_name.is_some() || spec.storage_class_name.as_deref() == Some("");
        (!is_given).then(|| (manifest.object.name().to_owned(), spec))
    })
}

/// Whether any claim gets its volume from a class.
pub(super) fn is_provisioned(manifests: &Manifests) -> bool {
    provisioned(manifests).next().is_some()
}

fn name(class: &StorageClass) -> &str {
    class.metadata.name.as_deref().unwrap_or_default()
}

fn is_default(class: &StorageClass) -> bool {
    class.metadata.annotations.as_ref().and_then(|all| all.get(DEFAULT)).is_some_and(|value| value == "true")
}

/// The class that the claims get their volumes from; an error, where the cluster has not such a one.
fn class_of<'a>(spec: &PersistentVolumeClaimSpec, classes: &'a [StorageClass]) -> Result<&'a StorageClass, Finding> {
    let known = classes.iter().map(name).collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {known}") };
    let missing = |message: String, hint: &str| Err(Finding::fatal(Check::StorageClass, message, hint));
    match spec.storage_class_name.as_deref() {
        Some(wanted) => match classes.iter().find(|class| name(class) == wanted) {
            Some(class) => Ok(class),
            None => missing(
                format!("the cluster has no storage class {wanted}; {known}"),
                "set couchdb.storage_class in the values to one that is there, or make the class",
            ),
        },
        None => match classes.iter().find(|class| is_default(class)) {
            Some(class) => Ok(class),
            None => missing(
                format!("the claims take the cluster's default storage class, and it has none: {known}"),
                "set couchdb.storage_class in the values, or mark a class as the default",
            ),
        },
    }
}

/// Whether the classes that the claims need are there.
pub(super) fn classes(manifests: &Manifests, classes: &Answer<Vec<StorageClass>>) -> Finding {
    let check = Check::StorageClass;
    if !is_provisioned(manifests) {
        return Finding::ok(check, "the volumes are named in the values: no class provisions any");
    }
    let classes = match classes {
        Ok(classes) => classes,
        Err(error) => return Finding::unanswered(check, error),
    };
    let mut found = BTreeSet::new();
    for (_, spec) in provisioned(manifests) {
        match class_of(spec, classes) {
            Ok(class) => found.insert(name(class)),
            Err(finding) => return finding,
        };
    }
    Finding::ok(
        check,
        format!("the claims' storage class is there: {}", found.into_iter().collect::<Vec<_>>().join(", ")),
    )
}

/// What the classes do besides.
pub(super) fn properties(manifests: &Manifests, classes: &Answer<Vec<StorageClass>>) -> Vec<Finding> {
    let Ok(classes) = classes else { return Vec::new() };
    let found: BTreeMap<_, _> = provisioned(manifests)
        .filter_map(|(_, spec)| class_of(spec, classes).ok())
        .map(|class| (name(class), class))
        .collect();
    found.into_values().flat_map(|class| [reclaim(class), expansion(class), binding(class)]).collect()
}

fn reclaim(class: &StorageClass) -> Finding {
    let (check, name) = (Check::StorageReclaim, name(class));
    match class.reclaim_policy.as_deref().unwrap_or(DELETE) {
        DELETE => Finding::warning(
            check,
            format!("storage class {name} deletes a volume with its claim"),
            "a deploy sets the instance's own volumes to be retained, for which the user needs to update persistentvolumes; \
             a class with reclaimPolicy Retain is safe from the start",
        ),
        policy => Finding::ok(check, format!("storage class {name} keeps volumes ({policy})")),
    }
}

fn expansion(class: &StorageClass) -> Finding {
    let (check, name) = (Check::StorageExpansion, name(class));
    if class.allow_volume_expansion == Some(true) {
        return Finding::ok(check, format!("volumes of storage class {name} can grow"));
    }
    Finding::warning(
        check,
        format!("volumes of storage class {name} cannot grow"),
        "choose couchdb.couchdb_node_storage_size large enough for years, or a class with allowVolumeExpansion",
    )
}

fn binding(class: &StorageClass) -> Finding {
    let (check, name) = (Check::StorageBinding, name(class));
    match class.volume_binding_mode.as_deref() {
        Some("WaitForFirstConsumer") => {
            Finding::ok(check, format!("storage class {name} makes a volume where its pod runs (WaitForFirstConsumer)"))
        }
        mode => Finding::warning(
            check,
            format!(
                "storage class {name} makes a volume before it is known where its pod runs ({})",
                mode.unwrap_or("Immediate")
            ),
            "on a cluster of several zones the pod may not get to its volume: take a class with volumeBindingMode \
             WaitForFirstConsumer",
        ),
    }
}

/// Whether the volumes of the instance's claims outlive them.
pub(super) fn retained(
    manifests: &Manifests,
    claims: &Answer<Vec<PersistentVolumeClaim>>,
    volumes: &Answer<Vec<PersistentVolume>>,
) -> Option<Finding> {
    let check = Check::VolumeRetained;
    let (claims, volumes) = match (claims, volumes) {
        (Ok(claims), Ok(volumes)) => (claims, volumes),
        (Err(error), _) | (_, Err(error)) => return Some(Finding::unanswered(check, error)),
    };
    let wanted: BTreeSet<_> = manifests
        .iter()
        .filter(|manifest| matches!(manifest.object, Object::PersistentVolumeClaim(_)))
        .map(|manifest| manifest.object.name())
        .collect();
    let own = claims.iter().filter(|claim| claim.metadata.name.as_deref().is_some_and(|name| wanted.contains(name)));
    let bound: BTreeSet<_> = own.filter_map(|claim| claim.spec.as_ref()?.volume_name.as_deref()).collect();
    let volumes =
        volumes.iter().filter(|volume| volume.metadata.name.as_deref().is_some_and(|name| bound.contains(name)));
    let (mut kept, mut at_risk) = (0, Vec::new());
    for volume in volumes {
        let policy = volume.spec.as_ref().and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref());
        match policy {
            Some("Retain") => kept += 1,
            _ => at_risk.push(volume.metadata.name.clone().unwrap_or_default()),
        }
    }
    if at_risk.is_empty() {
        return (kept > 0)
            .then(|| Finding::ok(check, format!("the instance's {kept} volumes outlive their claims (Retain)")));
    }
    Some(Finding::warning(
        check,
        format!("whoever deletes a claim deletes its data with it: {} of policy Delete", at_risk.join(", ")),
        "deploy again as a user who may update persistentvolumes, or `kubectl patch pv NAME -p \
         '{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Retain\"}}'`",
    ))
}

/// Whether another instance keeps data in the same place: two databases on one folder or disk destroy each other.
pub(super) fn shared(
    manifests: &Manifests,
    namespace: &str,
    volumes: &Answer<Vec<PersistentVolume>>,
    pods: &Answer<Vec<Pod>>,
) -> Option<Finding> {
    let check = Check::VolumeShared;
    let own: BTreeSet<_> = places_of_manifests(manifests).into_iter().map(|remains| remains.place).collect();
    if own.is_empty() {
        return None;
    }
    let (volumes, pods) = match (volumes, pods) {
        (Ok(volumes), Ok(pods)) => (volumes, pods),
        (Err(error), _) | (_, Err(error)) => return Some(Finding::unanswered(check, error)),
    };
    let others = volumes.iter().filter_map(|volume| {
        let claim = volume.spec.as_ref()?.claim_ref.as_ref()?;
        let other = claim.namespace.as_deref().filter(|other| *other != namespace)?;
        let key = ObjectKey::new(Kind::PersistentVolume, "", volume.metadata.name.as_deref()?);
        Some((place_of_volume(key, volume)?.place, other))
    });
    let by_pods = pods.iter().filter_map(|pod| {
        let other = pod.metadata.namespace.as_deref().filter(|other| *other != namespace)?;
        let (path, _) = host_path_of(pod.spec.as_ref()?)?;
        let mut same = own.iter().filter(|place| place.starts_with(&format!("folder {path} of ")));
        Some((same.next()?.clone(), other))
    });
    let taken: BTreeSet<_> = others.chain(by_pods).filter(|(place, _)| own.contains(place)).collect();
    if taken.is_empty() {
        return Some(Finding::ok(check, "no other instance keeps its data in the same place"));
    }
    let each: Vec<_> =
        taken.iter().map(|(place, other)| format!("{place} is used from namespace {other} already")).collect();
    Some(Finding::fatal(
        check,
        each.join(", "),
        "give this instance a folder or disk of its own: two databases in one destroy each other",
    ))
}

#[cfg(test)]
mod tests;
