//! Whether a node takes a pod, as the scheduler decides it.

use std::fmt;

use k8s_openapi::api::core::v1::{Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration};

use crate::amount::Amount;
use crate::labels::NODES_ON_DEMAND;

/// Where nodes have their name as pods ask for it.
pub(super) const HOSTNAME: &str = "kubernetes.io/hostname";
/// Where nodes have their architecture.
pub(super) const ARCHITECTURE: &str = "kubernetes.io/arch";
/// What nodes are labelled with that come in groups which grow.
const GROUPS: [&str; 4] = [
    "eks.amazonaws.com/nodegroup",
    "karpenter.sh/nodepool",
    "cloud.google.com/gke-nodepool",
    "alpha.eksctl.io/nodegroup-name",
];

/// Why a node does not take a pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Objection {
    /// It takes no new pods.
    Cordoned,
    /// Its label is another: the label that is asked for.
    Label(String),
    /// It keeps pods away that do not tolerate it.
    Taint(String),
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cordoned => f.write_str("it is cordoned"),
            Self::Label(label) => write!(f, "it has not the {label} that is asked for"),
            Self::Taint(taint) => write!(f, "it has the taint {taint}"),
        }
    }
}

/// The node's name.
pub(super) fn name(node: &Node) -> &str {
    node.metadata.name.as_deref().unwrap_or_default()
}

/// A label of the node.
pub(super) fn label<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.metadata.labels.as_ref()?.get(key).map(String::as_str)
}

/// Whether the node works.
pub(super) fn is_ready(node: &Node) -> bool {
    let conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// What the node has for pods; nothing where it does not say.
pub(super) fn allocatable(node: &Node) -> Option<Amount> {
    let status = node.status.as_ref()?;
    let amount = Amount::of(status.allocatable.as_ref()?);
    (!amount.is_none()).then_some(amount)
}

/// Whether more nodes may come when pods need them: groups that grow, or the sandbox.
pub(super) fn may_grow(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| GROUPS.iter().any(|group| label(node, group).is_some())) || makes_up_names(nodes)
}

/// Whether a node comes for every name that a pod asks for.
pub(super) fn makes_up_names(nodes: &[Node]) -> bool {
    let annotated =
        |node: &Node| node.metadata.annotations.as_ref().is_some_and(|all| all.contains_key(NODES_ON_DEMAND));
    nodes.iter().any(annotated)
}

/// The names of nodes that a pod asks for.
pub(super) fn hosts(pod: &PodSpec) -> Vec<&str> {
    let selected = pod.node_selector.iter().filter_map(|labels| labels.get(HOSTNAME)).map(String::as_str);
    let required = terms(pod).iter().flat_map(|term| term.match_expressions.iter().flatten());
    let affine = required.filter(|one| one.key == HOSTNAME && one.operator == "In");
    selected.chain(affine.flat_map(|one| one.values.iter().flatten().map(String::as_str))).collect()
}

fn terms(pod: &PodSpec) -> &[NodeSelectorTerm] {
    let affinity = pod.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity.and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    required.map_or(&[], |required| &required.node_selector_terms)
}

/// Why the node does not take the pod, whatever room it has.
pub(super) fn objection(node: &Node, pod: &PodSpec) -> Option<Objection> {
    let selector = pod.node_selector.iter().flatten();
    let lacking = selector.into_iter().find(|(key, value)| label(node, key) != Some(value.as_str()));
    if let Some((key, _)) = lacking {
        return Some(Objection::Label(key.clone()));
    }
    let unmet =
        |term: &NodeSelectorTerm| term.match_expressions.iter().flatten().find(|one| !is_met(node, one)).cloned();
    let unmet: Vec<_> = terms(pod).iter().map(unmet).collect();
    if let Some(first) = unmet.first().cloned().flatten()
        && unmet.iter().all(Option::is_some)
    {
        return Some(Objection::Label(first.key));
    }
    let spec = node.spec.as_ref()?;
    if spec.unschedulable == Some(true) {
        return Some(Objection::Cordoned);
    }
    let tolerations = pod.tolerations.as_deref().unwrap_or_default();
    let keeps_away = |taint: &&Taint| taint.effect != "PreferNoSchedule" && !is_tolerated(taint, tolerations);
    spec.taints.iter().flatten().find(keeps_away).map(|taint| Objection::Taint(text(taint)))
}

/// `key=value:Effect`, as `kubectl` writes it.
fn text(taint: &Taint) -> String {
    match taint.value.as_deref().filter(|value| !value.is_empty()) {
        Some(value) => format!("{}={value}:{}", taint.key, taint.effect),
        None => format!("{}:{}", taint.key, taint.effect),
    }
}

fn is_met(node: &Node, requirement: &NodeSelectorRequirement) -> bool {
    let label = label(node, &requirement.key);
    let is_listed = label.is_some_and(|label| requirement.values.iter().flatten().any(|value| value == label));
    match requirement.operator.as_str() {
        "In" => is_listed,
        "NotIn" => !is_listed,
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        // Comparisons of numbers: nothing of this project asks for them.
        _ => true,
    }
}

fn is_tolerated(taint: &Taint, tolerations: &[Toleration]) -> bool {
    tolerations.iter().any(|toleration| {
        let of_effect = toleration.effect.as_deref().is_none_or(|effect| effect.is_empty() || effect == taint.effect);
        let key = toleration.key.as_deref().unwrap_or_default();
        let of_value = match toleration.operator.as_deref() {
            Some("Exists") => key.is_empty() || key == taint.key,
            _ => {
                key == taint.key
                    && toleration.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default()
            }
        };
        of_effect && of_value
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(spec: &Value) -> Node {
        let labels = json!({ HOSTNAME: "alpha", ARCHITECTURE: "amd64" });
        serde_json::from_value(json!({ "metadata": { "name": "alpha", "labels": labels }, "spec": spec }))
            .expect("a node")
    }

    fn pod(mut spec: Value) -> PodSpec {
        spec["containers"] = json!([]);
        serde_json::from_value(spec).expect("a pod")
    }

    fn affinity(key: &str, operator: &str, values: &[&str]) -> Value {
        let term = json!({ "matchExpressions": [{ "key": key, "operator": operator, "values": values }] });
        json!({ "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [term] } } } })
    }

    #[test]
    fn a_node_takes_what_asks_for_it_and_is_tolerant() {
        let taint = json!({ "taints": [{ "key": "dedicated", "value": "couchdb", "effect": "NoSchedule" }] });
        let soft = json!({ "taints": [{ "key": "dedicated", "effect": "PreferNoSchedule" }] });
        let plain = json!({});
        let toleration = |one: Value| json!({ "tolerations": [one] });
        for (spec, wish, expected) in [
            (&plain, json!({}), None),
            (&plain, json!({ "nodeSelector": { HOSTNAME: "alpha" } }), None),
            (&plain, json!({ "nodeSelector": { HOSTNAME: "beta" } }), Some(Objection::Label(HOSTNAME.to_owned()))),
            (&plain, affinity(ARCHITECTURE, "In", &["amd64", "arm64"]), None),
            (&plain, affinity(ARCHITECTURE, "In", &["arm64"]), Some(Objection::Label(ARCHITECTURE.to_owned()))),
            (&plain, affinity(ARCHITECTURE, "NotIn", &["amd64"]), Some(Objection::Label(ARCHITECTURE.to_owned()))),
            (&plain, affinity("gpu", "Exists", &[]), Some(Objection::Label("gpu".to_owned()))),
            (&plain, affinity("gpu", "DoesNotExist", &[]), None),
            (&json!({ "unschedulable": true }), json!({}), Some(Objection::Cordoned)),
            (&soft, json!({}), None),
            (&taint, json!({}), Some(Objection::Taint("dedicated=couchdb:NoSchedule".to_owned()))),
            (&taint, toleration(json!({ "key": "dedicated", "operator": "Equal", "value": "couchdb" })), None),
            (&taint, toleration(json!({ "key": "dedicated", "operator": "Exists", "effect": "NoSchedule" })), None),
            (&taint, toleration(json!({ "operator": "Exists" })), None),
            (
                &taint,
                toleration(json!({ "key": "dedicated", "operator": "Exists", "effect": "NoExecute" })),
                Some(Objection::Taint("dedicated=couchdb:NoSchedule".to_owned())),
            ),
            (
                &taint,
                toleration(json!({ "key": "dedicated", "value": "api" })),
                Some(Objection::Taint("dedicated=couchdb:NoSchedule".to_owned())),
            ),
        ] {
            assert_eq!(objection(&node(spec), &pod(wish.clone())), expected, "{spec} {wish}");
        }
    }

    #[test]
    fn the_names_that_a_pod_asks_for_are_found() {
        assert_eq!(hosts(&pod(json!({ "nodeSelector": { HOSTNAME: "alpha" } }))), ["alpha"]);
        assert_eq!(hosts(&pod(affinity(HOSTNAME, "In", &["beta"]))), ["beta"]);
        assert_eq!(hosts(&pod(json!({}))), Vec::<&str>::new());
    }
}
