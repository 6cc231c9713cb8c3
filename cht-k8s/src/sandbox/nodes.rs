//! The machines that pods run on.

use std::collections::BTreeMap;

use cht_manifests::{Kind, ObjectKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::world::World;

/// A machine of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxNode {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    taints: Vec<Taint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

impl SandboxNode {
    /// A machine with this name, which is also its label `kubernetes.io/hostname`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), labels: BTreeMap::new(), taints: Vec::new() }
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
}

/// Makes sure that the machine is there.
pub(crate) fn ensure(world: &mut World, node: &SandboxNode) {
    let key = ObjectKey::new(Kind::Node, "", &node.name);
    if world.store.get(&key).is_some() {
        return;
    }
    let mut labels = node.labels.clone();
    labels.entry("kubernetes.io/hostname".to_owned()).or_insert_with(|| node.name.clone());
    let now = world.stamp();
    world.create(
        Kind::Node,
        json!({
            "metadata": {"name": node.name, "labels": labels},
            "spec": {"taints": node.taints},
            "status": {
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
pub(crate) fn use_only(world: &mut World, nodes: Vec<SandboxNode>) {
    let others: Vec<_> = world
        .store
        .list(Kind::Node, None)
        .filter(|(key, _)| nodes.iter().all(|node| node.name != key.name))
        .map(|(key, _)| key.clone())
        .collect();
    for key in others {
        world.remove(&key);
    }
    for node in &nodes {
        ensure(world, node);
    }
    world.nodes = Some(nodes);
}
