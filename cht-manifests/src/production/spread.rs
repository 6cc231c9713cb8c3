//! Where pods run, where there is a choice.

use cht_model::{Instance, Topology};
use k8s_openapi::api::core::v1::{PodAffinityTerm, PodAntiAffinity, PodSpec, WeightedPodAffinityTerm};

use crate::Component;
use crate::labels;
use crate::member::Member;
use crate::storage;

const HOSTNAME: &str = "kubernetes.io/hostname";
const HEAVIEST: i32 = 100;

/// Keeps CouchDB's pods apart: two of one node always, which would write to one volume; and different nodes where there are
/// machines enough for it. There is one copy of each document, so a machine that is lost takes a part of the data out of
/// reach, and two nodes on one machine share its disk.
pub(super) fn set(component: Component, instance: &Instance, pod: &mut PodSpec) {
    let Component::CouchDb(number) = component else { return };
    // A pod that is deleted by hand is replaced at once, while it still closes its files.
    let itself = away_from([component.to_string()]);
    let others = number.map(|_| WeightedPodAffinityTerm {
        weight: HEAVIEST,
        pod_affinity_term: away_from(Member::all(instance).iter().map(Member::service)),
    });
    let anti_affinity = PodAntiAffinity {
        required_during_scheduling_ignored_during_execution: Some(vec![itself]),
        preferred_during_scheduling_ignored_during_execution: others.map(|others| vec![others]),
    };
    pod.affinity.get_or_insert_default().pod_anti_affinity = Some(anti_affinity);
    if let Topology::Single(node) = &instance.couchdb().topology
        && let Some(name) = &node.placement
    {
        // On another machine its folder is made empty, and CouchDB starts without its data.
        pod.node_selector = Some(storage::on_node(name));
    }
}

/// Another machine than that of any pod of these services.
fn away_from(services: impl IntoIterator<Item = String>) -> PodAffinityTerm {
    PodAffinityTerm {
        label_selector: Some(labels::any_of(services)),
        topology_key: HOSTNAME.to_owned(),
        ..Default::default()
    }
}
