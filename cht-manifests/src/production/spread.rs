//! Where pods run, where there is a choice.

use cht_model::Instance;
use k8s_openapi::api::core::v1::{Affinity, PodAffinityTerm, PodAntiAffinity, PodSpec, WeightedPodAffinityTerm};

use crate::Component;
use crate::labels;
use crate::member::Member;

const HOSTNAME: &str = "kubernetes.io/hostname";
const HEAVIEST: i32 = 100;

/// Keeps CouchDB's nodes apart where there are nodes enough for it: there is one copy of each document, so a machine that
/// is lost takes a part of the data out of reach, and two on one machine share its disk.
pub(super) fn set(component: Component, instance: &Instance, pod: &mut PodSpec) {
    if !matches!(component, Component::CouchDb(Some(_))) {
        return;
    }
    let nodes = labels::any_of(Member::all(instance).iter().map(Member::service));
    let apart = WeightedPodAffinityTerm {
        weight: HEAVIEST,
        pod_affinity_term: PodAffinityTerm {
            label_selector: Some(nodes),
            topology_key: HOSTNAME.to_owned(),
            ..Default::default()
        },
    };
    let anti_affinity = PodAntiAffinity {
        preferred_during_scheduling_ignored_during_execution: Some(vec![apart]),
        ..Default::default()
    };
    pod.affinity = Some(Affinity { pod_anti_affinity: Some(anti_affinity), ..Default::default() });
}
