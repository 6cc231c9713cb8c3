//! Looks at what is requested, had and used.

use std::collections::{BTreeMap, BTreeSet};

use cht_manifests::Kind;
use futures::future::join_all;
use futures::{join, try_join};
use k8s_openapi::api::core::v1::{Node, PersistentVolumeClaim, Pod};
use serde::Serialize;

use super::measured::{self, Measured};
use crate::amount::{Amount, bytes};
use crate::listed::{listed, permitted};
use crate::{Cluster, ComponentName, LookError};

/// What an instance requests and uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// Every component, in the order in which they start.
    pub components: Vec<ComponentUse>,
    /// Every node, by name.
    pub nodes: Vec<NodeUse>,
    /// Every claim, by name.
    pub claims: Vec<ClaimUse>,
    /// What is not known or not measured, and why.
    pub notes: Vec<String>,
}

/// What a component requests and uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentUse {
    /// The component.
    pub component: ComponentName,
    /// The nodes that its pods are on.
    pub nodes: Vec<String>,
    /// How many pods it has.
    pub pods: usize,
    /// What they request.
    pub requests: Amount,
    /// What they may use at most, as far as they are limited.
    pub limits: Amount,
    /// What they use; none where that is not measured.
    pub used: Option<Amount>,
}

/// What a node has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeUse {
    /// The node.
    pub node: String,
    /// What pods may request.
    pub allocatable: Amount,
    /// What pods of the namespace request.
    pub requested_here: Amount,
    /// What all pods request; none where others' may not be seen.
    pub requested: Option<Amount>,
    /// What is used; none where that is not measured.
    pub used: Option<Amount>,
}

/// How full a claim's volume is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimUse {
    /// The claim.
    pub claim: String,
    /// The size, in bytes.
    pub size_bytes: Option<u64>,
    /// How much is used, in bytes; none where that is not measured.
    pub used_bytes: Option<u64>,
}

/// Looks at what the pods of a namespace request and use, whoever deployed them, beside what the nodes have.
///
/// # Errors
///
/// [`LookError`] when the cluster does not answer or refuses. What this user may not see, and what nobody measures, is noted.
pub async fn resources(cluster: &dyn Cluster, namespace: &str) -> Result<Resources, LookError> {
    let (pods, claims, nodes, everyones) = try_join!(
        listed::<Pod>(cluster, Kind::Pod, Some(namespace)),
        listed::<PersistentVolumeClaim>(cluster, Kind::PersistentVolumeClaim, Some(namespace)),
        permitted::<Node>(cluster, Kind::Node, None),
        permitted::<Pod>(cluster, Kind::Pod, None),
    )?;
    let pods: Vec<_> = pods.iter().filter(|pod| !is_over(pod)).collect();
    if pods.iter().all(|pod| ComponentName::of_pod(pod).is_none()) && claims.is_empty() {
        return Err(LookError::Nothing { namespace: namespace.to_owned() });
    }
    let own_nodes: BTreeSet<_> = pods.iter().filter_map(|pod| node_of(pod)).collect();
    let (of_pods, of_nodes, of_volumes) = join!(
        measured::pods(cluster, namespace),
        measured::nodes(cluster),
        join_all(own_nodes.iter().map(|node| async move { (*node, measured::volumes(cluster, node).await) })),
    );
    let mut unknown = Vec::new();
    if nodes.is_none() {
        unknown.push("this user may not see nodes: what they have is not known".to_owned());
    } else if everyones.is_none() {
        unknown.push("this user may not see pods of other namespaces: what they request is not known".to_owned());
    }
    note(&mut unknown, "what pods use", &of_pods);
    if nodes.is_some() && of_nodes.as_ref().err() != of_pods.as_ref().err() {
        note(&mut unknown, "what nodes use", &of_nodes);
    }
    let mut used = BTreeMap::new();
    for (node, volumes) in of_volumes {
        if !claims.is_empty() {
            note(&mut unknown, &format!("how much of the volumes on node {node} is used"), &volumes);
        }
        used.extend(volumes.unwrap_or_default());
    }
    Ok(Resources {
        components: components(&pods, of_pods.ok().as_ref()),
        nodes: nodes
            .unwrap_or_default()
            .iter()
            .map(|node| node_use(node, &pods, everyones.as_deref(), of_nodes.as_ref().ok()))
            .collect(),
        claims: claims.iter().map(|claim| claim_use(claim, namespace, &used)).collect(),
        notes: unknown,
    }
    .sorted())
}

impl Resources {
    fn sorted(mut self) -> Self {
        self.nodes.sort_by(|one, other| one.node.cmp(&other.node));
        self.claims.sort_by(|one, other| one.claim.cmp(&other.claim));
        self
    }
}

fn note<T>(notes: &mut Vec<String>, what: &str, measured: &Measured<T>) {
    notes.extend(measured.as_ref().err().map(|why| format!("{what} is not measured: {why}")));
}

fn is_over(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Failed" | "Succeeded"))
}

fn node_of(pod: &Pod) -> Option<&str> {
    pod.spec.as_ref()?.node_name.as_deref()
}

fn sum<'a>(pods: impl Iterator<Item = &'a Pod>, of: fn(&k8s_openapi::api::core::v1::PodSpec) -> Amount) -> Amount {
    pods.filter_map(|pod| pod.spec.as_ref()).map(of).sum()
}

fn components(pods: &[&Pod], used: Option<&BTreeMap<String, Amount>>) -> Vec<ComponentUse> {
    let mut parts: BTreeMap<ComponentName, Vec<&Pod>> = BTreeMap::new();
    for pod in pods {
        if let Some(component) = ComponentName::of_pod(pod) {
            parts.entry(component).or_default().push(pod);
        }
    }
    parts
        .into_iter()
        .map(|(component, pods)| {
            let names = pods.iter().filter_map(|pod| pod.metadata.name.as_ref());
            let found: Option<Vec<_>> = used.map(|used| names.filter_map(|name| used.get(name)).copied().collect());
            let nodes: BTreeSet<_> = pods.iter().filter_map(|pod| node_of(pod)).map(str::to_owned).collect();
            ComponentUse {
                component,
                nodes: nodes.into_iter().collect(),
                pods: pods.len(),
                requests: sum(pods.iter().copied(), Amount::requested),
                limits: sum(pods.iter().copied(), Amount::limited),
                // New pods are measured after a while.
                used: found.filter(|found| !found.is_empty()).map(|found| found.into_iter().sum()),
            }
        })
        .collect()
}

fn node_use(node: &Node, here: &[&Pod], everyones: Option<&[Pod]>, used: Option<&BTreeMap<String, Amount>>) -> NodeUse {
    let name = node.metadata.name.clone().unwrap_or_default();
    let is_here = |pod: &&Pod| node_of(pod) == Some(&name);
    let allocatable = node.status.as_ref().and_then(|status| status.allocatable.as_ref());
    NodeUse {
        allocatable: allocatable.map(Amount::of).unwrap_or_default(),
        requested_here: sum(here.iter().copied().filter(is_here), Amount::requested),
        requested: everyones
            .map(|pods| sum(pods.iter().filter(|pod| !is_over(pod)).filter(is_here), Amount::requested)),
        used: used.and_then(|used| used.get(&name)).copied(),
        node: name,
    }
}

fn claim_use(claim: &PersistentVolumeClaim, namespace: &str, used: &BTreeMap<(String, String), u64>) -> ClaimUse {
    let name = claim.metadata.name.clone().unwrap_or_default();
    let capacity = claim.status.as_ref().and_then(|status| status.capacity.as_ref()?.get("storage"));
    let asked = || claim.spec.as_ref()?.resources.as_ref()?.requests.as_ref()?.get("storage");
    ClaimUse {
        size_bytes: capacity.or_else(asked).and_then(|size| bytes(&size.0)),
        used_bytes: used.get(&(namespace.to_owned(), name.clone())).copied(),
        claim: name,
    }
}
