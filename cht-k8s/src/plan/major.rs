//! Holds an instance back from an older major version of CHT. Pure.

use cht_manifests::{Kind, Object, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;

use super::observe::Observed;
use super::safety::{DataRisk, DataRule};
use super::wanted::Wanted;
use crate::LiveObject;
use crate::records::{Inventory, inventory_key, newest};

/// The label that says which version of CHT an object was made for.
const VERSION: &str = "app.kubernetes.io/version";
/// The container that every CouchDB of 5.x has beside it, or beside one of its nodes, and none of 4.x.
const NOUVEAU: &str = "cht-couchdb-nouveau";
/// The first major version that has it.
const WITH_NOUVEAU: u64 = 5;

/// What would happen to the data when an older major version of CHT is wanted than the one that is there or on record.
pub(super) fn older_major(wanted: &Wanted, observed: &Observed, inventory: &Inventory) -> Option<DataRisk> {
    let (object, there) = newest_there(wanted, observed, inventory)?;
    let new = wanted_major(wanted);
    (new < there).then(|| DataRisk {
        rule: DataRule::MajorVersion,
        object,
        consequence: format!(
            "CHT {there} has made of the data what it needs, and nothing undoes that: CHT {new} cannot be relied on to read it"
        ),
    })
}

/// The newest major version that is there or on record, and what says so: CouchDB, which holds the data, before others.
fn newest_there(wanted: &Wanted, observed: &Observed, inventory: &Inventory) -> Option<(ObjectKey, u64)> {
    let record = newest(&inventory.revisions).and_then(|newest| {
        let key = inventory_key(wanted.namespace.as_str(), wanted.project.as_str());
        Some((key, major(&newest.version)?))
    });
    let is_cht = |live: &&LiveObject| live.name() == "cht-api" || live.name().starts_with("cht-couchdb");
    let live = observed.of_kind(Kind::Deployment).filter(is_cht);
    let live = live.filter_map(|live| Some((live.key(), live_major(live)?)));
    record.into_iter().chain(live).max_by_key(|(_, major)| *major)
}

/// The major version that a Deployment was made for, as far as it shows: the charts give no label.
fn live_major(live: &LiveObject) -> Option<u64> {
    let has_nouveau = || live.decode().is_ok_and(|deployment| has_nouveau(&deployment));
    live.label(VERSION).and_then(major).or_else(|| has_nouveau().then_some(WITH_NOUVEAU))
}

/// The major version that is wanted. A branch's name does not have it.
fn wanted_major(wanted: &Wanted) -> u64 {
    let deployments = wanted.manifests.iter().filter_map(|manifest| match &manifest.object {
        Object::Deployment(deployment) => Some(deployment),
        _ => None,
    });
    let of_branch =
        || if deployments.into_iter().any(|found| has_nouveau(found)) { WITH_NOUVEAU } else { WITH_NOUVEAU - 1 };
    major(&wanted.version).unwrap_or_else(of_branch)
}

fn has_nouveau(deployment: &Deployment) -> bool {
    let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    pod.is_some_and(|pod| pod.containers.iter().any(|container| container.name == NOUVEAU))
}

/// The major version of `5.3.0` or `5.3.0-beta.1`; none of a branch, whose name may begin with a number, too.
fn major(version: &str) -> Option<u64> {
    let (major, rest) = version.split_once('.')?;
    if rest.starts_with(|c: char| c.is_ascii_digit()) { major.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::testing::{K3D, instance};

    const OLD: [&str; 4] = [
        "chtversion=4.22.0",
        "upgrade_service.tag=0.32",
        "ingress.host=cht.example.org",
        "local_storage.preExistingDiskPath-1=/srv/couchdb",
    ];

    fn wanted(set: &[&str]) -> Wanted {
        Wanted::of(&instance(K3D, set))
    }

    /// The Deployments of an instance as the cluster holds them, with this version on them.
    fn there(set: &[&str], version: Option<&str>) -> Observed {
        let manifests = wanted(set).manifests;
        let deployments = manifests.iter().filter(|manifest| manifest.object.kind() == Kind::Deployment);
        Observed::of(deployments.map(|manifest| {
            let mut live = manifest.object.to_value();
            let labels = live["metadata"]["labels"].as_object_mut().expect("labels");
            labels.remove(VERSION);
            labels.extend(version.map(|version| (VERSION.to_owned(), version.into())));
            LiveObject::new(Kind::Deployment, live)
        }))
    }

    fn risk(set: &[&str], there: &Observed) -> Option<String> {
        older_major(&wanted(set), there, &Inventory::default()).map(|risk| risk.to_string())
    }

    #[test]
    fn cht_does_not_go_back_from_5_to_4() {
        let risk = risk(&OLD, &there(&[], Some("5.3.0"))).expect("a risk");
        insta::assert_snapshot!(risk, @"Deployment/cht-couchdb: CHT 5 has made of the data what it needs, and nothing undoes that: CHT 4 cannot be relied on to read it [major-version]");
    }

    #[test]
    fn forward_and_within_a_major_version_it_goes() {
        assert_eq!(risk(&[], &there(&OLD, Some("4.22.0"))), None);
        assert_eq!(risk(&[], &there(&[], Some("5.9.1"))), None);
        assert_eq!(risk(&OLD, &there(&OLD, Some("4.23.0"))), None);
        assert_eq!(risk(&[], &Observed::of([])), None);
    }

    #[test]
    fn what_has_no_version_is_known_by_nouveau() {
        let branch = ["chtversion=10481-new.login", "cht_image_tag=10481", "release_line=5.3"];
        for there in [there(&[], None), there(&branch, Some("10481-new.login"))] {
            assert!(risk(&OLD, &there).is_some());
            assert_eq!(risk(&branch, &there), None);
        }
        assert_eq!(risk(&OLD, &there(&OLD, None)), None);
        assert!(risk(&OLD, &there(&branch, Some("6.0.0"))).is_some());
        assert!(risk(&branch, &there(&branch, Some("6.0.0"))).is_some());
    }

    #[test]
    fn versions_have_majors_and_branches_have_none() {
        assert_eq!(["5.3.0", "4.10", "5.3.0-beta.1"].map(major), [Some(5), Some(4), Some(5)]);
        assert_eq!(["master", "5", "10481-login", "5.x", ".1", ""].map(major), [None; 6]);
    }
}
