//! The machines that pods run on.

use std::collections::BTreeMap;

use cht_manifests::{Kind, ObjectKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::world::World;
use crate::labels::NODES_ON_DEMAND;

/// A machine of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxNode {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    taints: Vec<Taint>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    allocatable: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

impl SandboxNode {
    /// A machine with this name, which is also its label `kubernetes.io/hostname`: amd64, with 8 processors and 32 GiB.
    pub fn new(name: impl Into<String>) -> Self {
        let plain =
            Self { name: name.into(), labels: BTreeMap::new(), taints: Vec::new(), allocatable: BTreeMap::new() };
        plain.allocatable("8", "32Gi")
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(name.into(), value.into());
        self
    }

    /// Adds a taint, which keeps pods away that do not tolerate it, e.g. with effect `NoSchedule`.
    #[must_use]
    pub fn taint(mut self, key: impl Into<String>, value: impl Into<String>, effect: impl Into<String>) -> Self {
        self.taints.push(Taint { key: key.into(), value: value.into(), effect: effect.into() });
        self
    }

    /// Says what the machine has for pods, e.g. `4` and `16Gi`. The sandbox's scheduler does not count, so this is for whoever
    /// looks at the machine.
    #[must_use]
    pub fn allocatable(mut self, cpu: impl Into<String>, memory: impl Into<String>) -> Self {
        self.allocatable.extend([("cpu".to_owned(), cpu.into()), ("memory".to_owned(), memory.into())]);
        self
    }
}

/// Makes sure that the machine is there.
pub(crate) fn ensure(world: &mut World, node: &SandboxNode) {
    let key = ObjectKey::new(Kind::Node, "", &node.name);
    if world.store.get(&key).is_some() {
        return;
    }
    let mut labels = node.labels.clone();
    labels.entry("kubernetes.io/hostname".to_owned()).or_insert_with(|| node.name.clone());
    labels.entry("kubernetes.io/arch".to_owned()).or_insert_with(|| "amd64".to_owned());
    let made_up = world.nodes.is_none().then(|| (NODES_ON_DEMAND.to_owned(), "true".to_owned()));
    let annotations: BTreeMap<_, _> = made_up.into_iter().collect();
    let now = world.stamp();
    world.create(
        Kind::Node,
        json!({
            "metadata": {"name": node.name, "labels": labels, "annotations": annotations},
            "spec": {"taints": node.taints},
            "status": {
                "allocatable": node.allocatable,
                "conditions": [{
                    "type": "Ready",
                    "status": "True",
                    "reason": "KubeletReady",
                    "message": "kubelet is posting ready status",
                    "lastHeartbeatTime": now,
                    "lastTransitionTime": now,
                }],
            },
        }),
        "kubelet",
    );
}

/// Gives the cluster these machines and no others.
pub(crate) fn use_only(world: &mut World, nodes: &[SandboxNode]) {
    let others: Vec<_> = world
        .store
        .list(Kind::Node, None)
        .filter(|(key, _)| nodes.iter().all(|node| node.name != key.name))
        .map(|(key, _)| key.clone())
        .collect();
    for key in others {
        world.remove(&key);
    }
    // Known first: machines that were given make up no others.
    world.nodes = Some(nodes.to_vec());
    for node in nodes {
        ensure(world, node);
    }
}
