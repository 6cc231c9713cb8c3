//! Keeps pods on machines that the images are for: on others they cannot start.

use cht_model::{Architecture, Instance};
use k8s_openapi::api::core::v1::{NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec};

const ARCHITECTURE: &str = "kubernetes.io/arch";

/// Requires a machine of an architecture that CHT's images have.
pub(super) fn set(instance: &Instance, pod: &mut PodSpec) {
    let of_images = NodeSelectorRequirement {
        key: ARCHITECTURE.to_owned(),
        operator: "In".to_owned(),
        values: Some(instance.images().architectures().iter().map(Architecture::to_string).collect()),
    };
    let term = NodeSelectorTerm { match_expressions: Some(vec![of_images]), ..Default::default() };
    let node_affinity = NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector { node_selector_terms: vec![term] }),
        ..Default::default()
    };
    pod.affinity.get_or_insert_default().node_affinity = Some(node_affinity);
}
