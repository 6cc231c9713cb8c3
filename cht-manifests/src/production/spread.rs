//! Where pods run, where there is a choice.

use cht_model::Instance;
use k8s_openapi::api::core::v1::{Affinity, PodAffinityTerm, PodAntiAffinity, PodSpec, WeightedPodAffinityTerm};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

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
    let nodes = LabelSelectorRequirement {
        key: labels::SERVICE.to_owned(),
        operator: "In".to_owned(),
        values: Some(Member::all(instance).iter().map(Member::service).collect()),
    };
    let apart = WeightedPodAffinityTerm {
        weight: HEAVIEST,
        pod_affinity_term: PodAffinityTerm {
            label_selector: Some(LabelSelector { match_expressions: Some(vec![nodes]), ..Default::default() }),
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
